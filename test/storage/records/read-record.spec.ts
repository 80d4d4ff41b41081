import assert from 'node:assert/strict'
import { MessengerError } from '../../../src/errors.js'
import { createMemoryStore } from '../../../src/storage/memory-store.js'
import { decodeReadable, readRecord } from '../../../src/storage/records/read-record.js'
import { skippedRecord } from '../../../src/storage/records/skipped-record.js'

describe('storage/records/read-record', () => {
  const record = { key: new Uint8Array(32).fill(1), keptAt: 5 }

  it('reads a record, and nothing where there is none or a damaged one', async () => {
    const store = createMemoryStore()
    await store.commit([
      { type: 'put', key: 'good', value: skippedRecord.encode(record) },
      { type: 'put', key: 'cut off', value: skippedRecord.encode(record).slice(0, 9) }
    ])
    assert.deepEqual(await readRecord(store, 'good', skippedRecord), record)
    assert.equal(await readRecord(store, 'cut off', skippedRecord), undefined)
    assert.equal(await readRecord(store, 'none', skippedRecord), undefined)
    const unreadable = { get: () => Promise.reject(new MessengerError('RECORD_DAMAGED', 'flipped bit')) }
    assert.equal(await readRecord(unreadable, 'good', skippedRecord), undefined)
  })

  it('reads what it is given, and nothing if that is damaged', () => {
    const bytes = skippedRecord.encode(record)
    assert.deepEqual(decodeReadable(bytes, skippedRecord), record)
    assert.equal(decodeReadable(bytes.slice(0, 9), skippedRecord), undefined)
  })

  it('passes every other failure on', () => {
    const failing = {
      encode: skippedRecord.encode,
      decode: () => {
        throw new RangeError('a defect')
      }
    }
    assert.throws(() => decodeReadable(new Uint8Array(0), failing), RangeError)
  })

  it('passes every other failure of the store on', async () => {
    const failing = { get: () => Promise.reject(new MessengerError('STORE_FAILED', 'no disk')) }
    await assert.rejects(readRecord(failing, 'good', skippedRecord), { code: 'STORE_FAILED' })
  })
})

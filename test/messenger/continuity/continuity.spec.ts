import assert from 'node:assert/strict'
import {
  isOwnStream,
  loadContinuity,
  namesUnknown,
  updateContinuity
} from '../../../src/messenger/continuity/continuity.js'
import { StorePlace } from '../../../src/messenger/continuity/store-place.js'
import { platform } from '../../../src/platform/node.js'
import { forgetLost, hasLost } from '../../../src/storage/level-files/node.js'
import { createMemoryStore } from '../../../src/storage/memory-store.js'
import { continuityRecord, UNBROKEN } from '../../../src/storage/records/continuity-record.js'
import { Tables } from '../../../src/storage/records/tables.js'
import type { Store } from '../../../src/storage/store.js'
import { createBench } from '../../support/messenger-bench.js'
import { seededRandom } from '../../support/store-random.js'

const tables = new Tables((_, id) => id)
const files = { ...platform, hasLost, forgetLost }
const nowhere = new StorePlace(files, undefined, seededRandom('continuity'))
const OLD = { isNew: false, restored: false }

describe('messenger/continuity', () => {
  let store: Store

  beforeEach(() => {
    store = createMemoryStore()
  })

  async function stored(): Promise<unknown> {
    const bytes = await store.get(tables.continuity)
    return bytes === undefined ? undefined : continuityRecord.decode(bytes)
  }

  it('is unbroken in a new store, and found again', async () => {
    assert.deepEqual(await loadContinuity(store, tables, nowhere, { isNew: true, restored: false }), UNBROKEN)
    assert.deepEqual(await stored(), UNBROKEN)
    assert.deepEqual(await loadContinuity(store, tables, nowhere, OLD), UNBROKEN)
  })

  it('has a renewal due, durably, when the app says so, when the place is another, and when its record is lost', async () => {
    assert.equal((await loadContinuity(store, tables, nowhere, OLD)).due, 'copied')
    assert.deepEqual(await stored(), { ...UNBROKEN, due: 'copied' })
    await store.commit([{ type: 'put', key: tables.continuity, value: continuityRecord.encode(UNBROKEN) }])
    assert.equal((await loadContinuity(store, tables, nowhere, { ...OLD, restored: true })).due, 'restored')
    const mark = { text: 'a', file: 'b', changed: 'c' }
    const marked = continuityRecord.encode({ ...UNBROKEN, mark })
    await store.commit([{ type: 'put', key: tables.continuity, value: marked }])
    const elsewhere = new StorePlace(
      { ...files, readMark: () => Promise.resolve({ ...mark, file: 'other' }) },
      '/store',
      seededRandom('elsewhere')
    )
    assert.deepEqual(await loadContinuity(store, tables, elsewhere, OLD), { ...UNBROKEN, due: 'copied' })
    // A crash before the renewal does not make it forgotten.
    assert.equal((await loadContinuity(store, tables, nowhere, OLD)).due, 'copied')
  })

  it('is changed in memory at once, and a mark that was written is pending no more', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice')
    const update = updateContinuity(context, { pending: 'next' })
    assert.equal(context.own.continuity.pending, 'next')
    await bench.run(update)
    await bench.run(updateContinuity(context, { contested: true }))
    assert.equal(context.own.continuity.pending, 'next')
    const mark = { text: 'next', file: 'b', changed: 'c' }
    await bench.run(updateContinuity(context, { mark }))
    assert.deepEqual(context.own.continuity, { ...UNBROKEN, contested: true, mark })
  })

  it('takes receipts for the streams of former incarnations, and no others', async () => {
    const { context } = await createBench().open('alice')
    const { incarnation } = context.own.record.identity
    const former = new Uint8Array(16).fill(9)
    assert.ok(isOwnStream(context, incarnation.slice(0, 8)))
    assert.equal(isOwnStream(context, former.slice(0, 8)), false)
    context.own.continuity = { ...UNBROKEN, former: [former] }
    assert.ok(isOwnStream(context, former.slice(0, 8)))
  })

  it('sees by a receipt that our next numbers were given out, and nothing by one for a contact that was removed', async () => {
    const { context } = await createBench().open('alice')
    const stream = context.own.record.identity.incarnation.slice(0, 8)
    const names = (delivered: number[], read: number[] = []): boolean =>
      namesUnknown(context, { stream, delivered, read }, 100)
    assert.ok(names([90, 11]))
    assert.ok(names([10, 5, 100, 1]))
    assert.ok(names([], [50, 60]))
    assert.equal(names([90, 10]), false)
    assert.equal(names([10, 5, 101, 50]), false)
    assert.equal(
      namesUnknown(context, { stream: new Uint8Array(8), delivered: [90, 20], read: [] }, 100),
      false
    )
  })
})

import assert from 'node:assert/strict'
import { createDisk } from '../../src/simulator/disk.js'
import { ChangedRecords } from '../../src/simulator/mailbox-reading.js'

async function read(changed: ChangedRecords): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of changed.range({ gte: 'm/', lt: 'm0' })) keys.push(key)
  return keys
}

describe('simulator/mailbox-reading', () => {
  it('gives of a range only what was written since the last time, and names all that is there', async () => {
    const disk = createDisk()
    const put = (key: string, byte: number): Promise<void> =>
      disk.commit([{ type: 'put', key, value: Uint8Array.of(byte) }])
    const changed = new ChangedRecords(disk)
    await put('m/a', 1)
    await put('m/b', 1)
    await put('n/c', 1)
    assert.deepEqual(await read(changed), ['m/a', 'm/b'])
    assert.deepEqual(await read(changed), [])
    assert.deepEqual([changed.keys, changed.given], [['m/a', 'm/b'], []])
    await put('m/b', 2)
    assert.deepEqual(await read(changed), ['m/b'])
    // As a power cut puts back what was not synced.
    await put('m/b', 1)
    assert.deepEqual(await read(changed), ['m/b'])
    await disk.commit([{ type: 'delete', key: 'm/a' }])
    assert.deepEqual(await read(changed), [])
    assert.deepEqual(changed.keys, ['m/b'])
  })

  it('writes nothing', () => {
    assert.throws(() => new ChangedRecords(createDisk()).commit(), RangeError)
  })
})

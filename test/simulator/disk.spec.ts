import assert from 'node:assert/strict'
import { createDisk, type Disk } from '../../src/simulator/disk.js'

const value = (byte: number): Uint8Array => Uint8Array.of(byte)
const put = (key: string, byte: number) => ({ type: 'put', key, value: value(byte) }) as const

async function contents(disk: Disk): Promise<Record<string, number | undefined>> {
  const pairs: Record<string, number | undefined> = {}
  for await (const [key, bytes] of disk.range({})) pairs[key] = bytes[0]
  return pairs
}

describe('simulator/disk', () => {
  it('keeps through a power cut what was committed, and through the close of a messenger', async () => {
    const disk = createDisk()
    await disk.commit([put('a', 1)])
    await disk.close()
    await disk.cutPower()
    assert.deepEqual(await contents(disk), { a: 1 })
  })

  it('without sync loses in a power cut everything since the last one, and only that', async () => {
    const disk = createDisk({ synced: false })
    await disk.commit([put('a', 1), put('b', 1), put('c', 1)])
    disk.sync()
    await disk.commit([put('a', 2), put('a', 3)])
    await disk.commit([put('a', 4), { type: 'delete', key: 'b' }, put('d', 1)])
    assert.equal(disk.unsynced, 2)
    assert.deepEqual(await contents(disk), { a: 4, c: 1, d: 1 })
    await disk.cutPower()
    assert.deepEqual(await contents(disk), { a: 1, b: 1, c: 1 })
    await disk.cutPower()
    assert.deepEqual(await contents(disk), { a: 1, b: 1, c: 1 })
  })

  it('shows what it holds without waiting, each value as one array until another is put', async () => {
    const disk = createDisk()
    await disk.commit([put('a', 1), put('b', 1), put('c', 1)])
    const before = new Map(disk.peek({ gte: 'a', lt: 'c' }))
    assert.deepEqual(
      before,
      new Map([
        ['a', value(1)],
        ['b', value(1)]
      ])
    )
    await disk.commit([put('b', 1)])
    const after = new Map(disk.peek({}))
    assert.equal(after.get('a'), before.get('a'))
    assert.notEqual(after.get('b'), before.get('b'))
  })

  it('gives a copy that lives on its own', async () => {
    const disk = createDisk()
    await disk.commit([put('a', 1)])
    const copy = await disk.copy()
    await disk.commit([put('a', 2)])
    assert.deepEqual(await contents(copy), { a: 1 })
  })
})

import assert from 'node:assert/strict'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { Level } from 'level'
import { concat } from 'uint8arrays/concat'
import { readLog } from '../../../src/storage/level-files/log.js'
import { part, patched } from '../../support/store-tables.js'
import { temporaryDirectory } from '../../support/store-temporary.js'

const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4
const BLOCK_BYTES = 32_768
const HEADER_BYTES = 7

const record = Uint8Array.of(1, 2, 3, 4, 5, 6, 7)
/** So long that the first part of the next record has no byte in the block, and its end no room for a header. */
const long = new Uint8Array(BLOCK_BYTES - 2 * HEADER_BYTES - 3)
const inParts = concat([
  part(FULL, long),
  part(FIRST, new Uint8Array(0)),
  new Uint8Array(3),
  part(MIDDLE, record.subarray(0, 3)),
  part(MIDDLE, record.subarray(3, 5)),
  part(LAST, record.subarray(5))
])

function isDamaged(log: Uint8Array): boolean {
  return [...readLog(log)].includes(undefined)
}

describe('storage/level-files/log', () => {
  const read = (...parts: Uint8Array[]): readonly (Uint8Array | undefined)[] => [...readLog(concat(parts))]

  it('puts records together that are in parts, across blocks, and leaves out one that was not written to its end', () => {
    assert.deepEqual(read(inParts, part(FULL, record).subarray(0, -1)), [long, record])
    assert.deepEqual(read(inParts, part(FIRST, record), part(MIDDLE, record)), [long, record])
  })

  it('is not damaged wherever it is cut off', () => {
    fc.assert(fc.property(fc.nat(inParts.length), (end) => !isDamaged(inParts.subarray(0, end))))
  })

  it('ends where only zeros follow, but not in the midst of a record, and is damaged where anything else does', () => {
    const room = new Uint8Array(BLOCK_BYTES - HEADER_BYTES - record.length)
    for (const length of [HEADER_BYTES, 100, room.length])
      assert.deepEqual(read(part(FULL, record), room.subarray(0, length)), [record])
    assert.deepEqual(read(part(FIRST, record), room), [undefined])
    // LevelDB goes on in the next block, and drops the rest of this one in silence.
    assert.deepEqual(read(part(FULL, record), room, part(FULL, record)), [record, undefined])
    assert.deepEqual(read(part(FULL, record), room.subarray(0, 100), part(FULL, record)), [record, undefined])
  })

  it('is damaged where a length is, also if that makes a record look cut off', () => {
    const log = concat([part(FULL, record), part(FULL, record), part(FULL, record)])
    for (const begin of [0, 1, 2].map((index) => index * (HEADER_BYTES + record.length))) {
      for (let bit = 0; bit < 16; bit++) {
        const position = begin + 4 + (bit >> 3)
        const bytes = Uint8Array.of((log[position] ?? 0) ^ (1 << (bit & 7)))
        assert.ok(isDamaged(patched(log, [{ position, bytes }])), `bit ${String(bit)} at ${String(begin)}`)
      }
    }
  })

  it('is damaged where parts do not follow each other, are of no kind, or are longer than a block', () => {
    for (const kind of [MIDDLE, LAST, 0, 5]) assert.deepEqual(read(part(kind, record)), [undefined])
    for (const kind of [FULL, FIRST]) {
      assert.deepEqual(read(part(FIRST, record), part(kind, record)), [undefined])
    }
    // LevelDB takes it for cut off.
    const tooLong = part(FULL, new Uint8Array(BLOCK_BYTES)).subarray(0, 100)
    assert.deepEqual(read(part(FULL, record), tooLong), [record, undefined])
  })

  it('is damaged wherever LevelDB drops something of it, and nowhere else where all is there', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory.path, 'whole')
    const level = new Level<string, Uint8Array>(path, { valueEncoding: 'view' })
    for (let size = 1; size < 60_000; size *= 2) await level.put(String(size), new Uint8Array(size).fill(7))
    await level.close()
    const name = (await readdir(path)).find((name) => name.endsWith('.log')) ?? assert.fail()
    const whole = await readFile(join(path, name))
    const stretch = fc.nat(5_000).map((length) => new Uint8Array(length))
    const outcomes = { dropped: 0, silent: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 4 }), stretch),
        async (position, bytes) => {
          const broken = patched(whole, [{ position, bytes }])
          const copy = join(directory.path, 'copy')
          await cp(path, copy, { recursive: true })
          await writeFile(join(copy, name), broken)
          const opened = new Level<string, Uint8Array>(copy, { valueEncoding: 'view' })
          const values = await opened.values().all()
          await opened.close()
          const isDropped = (await readFile(join(copy, 'LOG'), 'utf8')).includes(' dropping ')
          await rm(copy, { recursive: true })
          if (isDropped) assert.ok(isDamaged(broken))
          if (isDamaged(broken)) assert.ok(values.length < 16)
          outcomes[isDropped ? 'dropped' : 'silent']++
        }
      ),
      { numRuns: 100 }
    )
    assert.ok(outcomes.dropped > 50, JSON.stringify(outcomes))
    await directory.remove()
  })
})

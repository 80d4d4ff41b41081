import { Writer } from '../../src/codec/writer.js'
import { ENVELOPE_ID_BYTES, shortIdKey, type Item } from '../../src/protocol/sync/item.js'
import type { Sets } from './sets.js'

/** One false answer in a hundred: bits of a Bloom filter for each id, 1 / ln 2 × log2 100, and bits looked at. */
const BLOOM_BITS = Math.log2(100) / Math.LN2
const BLOOM_HASHES = 7
const LENGTH_BYTES = 4

/** What another way to find the missing takes, without the envelopes themselves. */
export interface RivalCost {
  readonly bytes: number
  /** Of all that was missing on either side. */
  readonly found: number
}

function itemsOf({ shared }: Sets, extra: Sets['opener']): Item[] {
  return [...shared, ...extra.map(({ item }) => item)]
}

/** One side sends all ids it has; the other gives what is not among them, and asks by number for what it lacks. */
export function sendAllIds(sets: Sets): RivalCost {
  const mine = itemsOf(sets, sets.opener)
  const writer = new Writer().u32(mine.length)
  for (const { id } of mine) writer.bytes(id)
  const list = writer.finish()
  const listed = new Map<string, number>()
  for (let number = 0; number < mine.length; number++) {
    const start = LENGTH_BYTES + number * ENVELOPE_ID_BYTES
    listed.set(shortIdKey(list.subarray(start, start + ENVELOPE_ID_BYTES)), number)
  }
  let given = 0
  for (const { id } of itemsOf(sets, sets.taker)) if (!listed.delete(shortIdKey(id))) given++
  const wanted = new Writer().u32(listed.size)
  for (const number of listed.values()) wanted.u32(number)
  return { bytes: list.length + wanted.finish().length, found: given + listed.size }
}

/** Each side sends a filter of what it has and is given what is not in it; what the filter takes for something else stays unfound. */
export function sendBloomFilters(sets: Sets): RivalCost {
  const [mine, theirs] = [itemsOf(sets, sets.opener), itemsOf(sets, sets.taker)]
  const [ofMine, ofTheirs] = [filterOf(mine), filterOf(theirs)]
  const missedBy = (items: readonly Item[], filter: Uint8Array): Item[] =>
    items.filter(({ id }) => !bitsOf(id, filter.length * 8).every((bit) => isSet(filter, bit)))
  const found = missedBy(theirs, ofMine).length + missedBy(mine, ofTheirs).length
  return { bytes: ofMine.length + ofTheirs.length + 2 * LENGTH_BYTES, found }
}

function filterOf(items: readonly Item[]): Uint8Array {
  const filter = new Uint8Array(Math.ceil((BLOOM_BITS * items.length) / 8))
  for (const { id } of items) {
    for (const bit of bitsOf(id, filter.length * 8))
      filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
  return filter
}

function isSet(filter: Uint8Array, bit: number): boolean {
  return ((filter[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
}

/** The bits of an id, which is a hash: a piece of it for each. */
function bitsOf(id: Uint8Array, bits: number): number[] {
  const view = new DataView(id.buffer, id.byteOffset, id.byteLength)
  return Array.from({ length: BLOOM_HASHES }, (_, hash) => view.getUint32(hash * 4) % bits)
}

import { sha256 } from '../../src/crypto/hash.js'
import type { RandomSource } from '../../src/crypto/random.js'
import { ItemIndex } from '../../src/protocol/sync/item-index.js'
import type { Item } from '../../src/protocol/sync/item.js'

/** The item of a number: always the same id. */
export function numberedItem(day: number, n: number): Item {
  return { day, id: sha256(Uint8Array.of(n >> 8, n & 0xff)) }
}

/** Random items of one day. */
export function itemsFrom(random: RandomSource, count: number, day = 20_000): Item[] {
  return Array.from({ length: count }, () => ({ day, id: random(32) }))
}

/** An index of these items, whose slots are their places in the array. */
export function indexOf(items: readonly Item[]): ItemIndex {
  const index = new ItemIndex()
  for (const [slot, item] of items.entries()) index.insert(item, slot)
  return index
}

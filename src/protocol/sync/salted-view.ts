import { sha256Pieces } from '../../crypto/hash.js'
import { label } from '../labels.js'
import { compareBytes } from '../compare-bytes.js'
import { firstIndex } from '../first-index.js'
import type { ItemIndex, ItemView } from './item-index.js'
import { addId, addSum, emptySum, fingerprintOf, SUM_WORDS, type ItemSum } from './item-sum.js'
import { ENVELOPE_ID_BYTES, orderOf, type Bound, type Item } from './item.js'

/** Items between two kept sums. */
const STRIDE = 64

/**
 * The set as it is now, with fingerprints over SHA-256("sync/salt" ‖ salt ‖ id): whoever has planted envelopes so that the sums of others cancel out
 * hides nothing from a session whose salt came after them. Costs a hash for each item.
 */
export class SaltedView implements ItemView {
  readonly #items: readonly Item[]
  /** What ids became, one after the other. */
  readonly #salted: Uint8Array
  /** Sums before items 0, 64, 128, … */
  readonly #sums: Uint32Array

  constructor(index: ItemIndex, salt: Uint8Array) {
    this.#items = index.items()
    const ids = new Uint8Array(this.#items.length * ENVELOPE_ID_BYTES)
    for (const [position, { id }] of this.#items.entries()) ids.set(id, position * ENVELOPE_ID_BYTES)
    const prefix = Uint8Array.of(...label('sync/salt'), ...salt)
    this.#salted = sha256Pieces(prefix, ids, ENVELOPE_ID_BYTES, ENVELOPE_ID_BYTES)
    this.#sums = new Uint32Array((Math.floor(this.#items.length / STRIDE) + 1) * SUM_WORDS)
    const sum = emptySum()
    for (let position = 0; position <= this.#items.length; position++) {
      if (position % STRIDE === 0) this.#sums.set(sum, (position / STRIDE) * SUM_WORDS)
      if (position < this.#items.length) addId(sum, this.#salted, position * ENVELOPE_ID_BYTES)
    }
  }

  get size(): number {
    return this.#items.length
  }

  rank({ order, prefix }: Bound): number {
    return firstIndex(this.#items.length, (at) => {
      const { day, id } = this.itemAt(at)
      return (orderOf(day) - order || compareBytes(id, prefix)) >= 0
    })
  }

  itemAt(position: number): Item {
    const item = this.#items[position]
    if (item === undefined) throw new RangeError(`There is no item ${String(position)}`)
    return item
  }

  fingerprint(from: number, to: number): Uint8Array {
    const sum = this.#sumBefore(to)
    addSum(sum, this.#sumBefore(from), 0, -1)
    return fingerprintOf(sum, to - from)
  }

  #sumBefore(position: number): ItemSum {
    const stride = Math.floor(position / STRIDE)
    const sum = emptySum()
    addSum(sum, this.#sums, stride * SUM_WORDS, 1)
    for (let at = stride * STRIDE; at < position; at++) addId(sum, this.#salted, at * ENVELOPE_ID_BYTES)
    return sum
  }
}

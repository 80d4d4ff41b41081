import { firstIndex } from '../first-index.js'
import { addId, addSum, emptySum, fingerprintOf, subtractId, SUM_WORDS, type ItemSum } from './item-sum.js'
import { ENVELOPE_ID_BYTES, orderOf, type Bound, type Item } from './item.js'

/**
 * Items in one block. A full block is halved: small enough that shifting one costs less than a microsecond, large enough
 * that a million items are some thousand blocks.
 */
const BLOCK = 256

/** What reconciliation reads of a set, in the order of reconciliation. */
export interface ItemView {
  readonly size: number
  /** How many items lie before the bound. */
  rank(bound: Bound): number
  itemAt(position: number): Item
  /** The fingerprint of items `from` … `to - 1`. */
  fingerprint(from: number, to: number): Uint8Array
}

interface Block {
  count: number
  /** The place of each item's day, see {@link orderOf}. */
  readonly orders: Uint16Array
  readonly ids: Uint8Array
  readonly slots: Uint32Array
  readonly sum: ItemSum
}

/** Where an item is, or would be inserted. */
interface Place {
  readonly block: number
  readonly index: number
  readonly found: boolean
}

/**
 * A set of items, each with a number of the caller's own (its slot), ordered for reconciliation. It changes in place, unlike
 * the other states of the protocol: a hundred thousand items cannot be copied for each. Blocks carry the sums of their ids, so
 * that the fingerprint of any range costs two partial blocks.
 */
export class ItemIndex implements ItemView {
  readonly #blocks: Block[] = []
  #size = 0
  /** Items and sums before each block; made anew when needed after a change. */
  #starts = new Uint32Array(1)
  #sums = new Uint32Array(SUM_WORDS)
  /** The places of all days there are; made anew with those. */
  #orders: number[] = []
  #isStale = false
  /** Of all items: every session begins and ends with it. */
  #whole: Uint8Array | undefined

  get size(): number {
    return this.#size
  }

  /** Put an item in; `false` if it is there already. */
  insert({ day, id }: Item, slot: number): boolean {
    const place = this.#find(orderOf(day), id)
    if (place.found) return false
    const block = this.#room(place)
    const { index } = place
    block.orders.copyWithin(index + 1, index, block.count)
    block.ids.copyWithin(
      (index + 1) * ENVELOPE_ID_BYTES,
      index * ENVELOPE_ID_BYTES,
      block.count * ENVELOPE_ID_BYTES
    )
    block.slots.copyWithin(index + 1, index, block.count)
    block.orders[index] = orderOf(day)
    block.ids.set(id, index * ENVELOPE_ID_BYTES)
    block.slots[index] = slot
    block.count++
    addId(block.sum, block.ids, index * ENVELOPE_ID_BYTES)
    this.#size++
    this.#isStale = true
    if (block.count === BLOCK) this.#halve(place.block, block)
    return true
  }

  /** Take an item out; its slot, or `undefined` if it was not there. */
  delete({ day, id }: Item): number | undefined {
    const { block: number, index, found } = this.#find(orderOf(day), id)
    const block = this.#blocks[number]
    if (!found || block === undefined) return undefined
    const slot = block.slots[index]
    subtractId(block.sum, block.ids, index * ENVELOPE_ID_BYTES)
    block.orders.copyWithin(index, index + 1, block.count)
    block.ids.copyWithin(
      index * ENVELOPE_ID_BYTES,
      (index + 1) * ENVELOPE_ID_BYTES,
      block.count * ENVELOPE_ID_BYTES
    )
    block.slots.copyWithin(index, index + 1, block.count)
    block.count--
    if (block.count === 0) this.#blocks.splice(number, 1)
    this.#size--
    this.#isStale = true
    return slot
  }

  /** The slot of an item, or `undefined` if it is not there. */
  find({ day, id }: Item): number | undefined {
    const { block, index, found } = this.#find(orderOf(day), id)
    return found ? this.#blocks[block]?.slots[index] : undefined
  }

  /** Whether there is an item whose id begins so, whatever its day: looked up in each day there is. */
  hasPrefix(prefix: Uint8Array): boolean {
    this.#refresh()
    return this.#orders.some((order) => this.#beginsSo(order, prefix))
  }

  #beginsSo(order: number, prefix: Uint8Array): boolean {
    const place = this.#find(order, prefix)
    // The place before which it would be inserted may be the end of a block.
    const isEnd = place.index === this.#blocks[place.block]?.count
    const block = this.#blocks[isEnd ? place.block + 1 : place.block]
    const index = isEnd ? 0 : place.index
    if (block === undefined || index >= block.count || block.orders[index] !== order) return false
    const start = index * ENVELOPE_ID_BYTES
    return prefix.every((byte, at) => byte === block.ids[start + at])
  }

  rank({ order, prefix }: Bound): number {
    this.#refresh()
    const { block, index } = this.#find(order, prefix)
    return (this.#starts[block] ?? this.#size) + index
  }

  itemAt(position: number): Item {
    const { block, index } = this.#at(position)
    return itemIn(block, index)
  }

  /** All items, in order. */
  items(): Item[] {
    return this.#blocks.flatMap((block) => Array.from({ length: block.count }, (_, at) => itemIn(block, at)))
  }

  /** The slot of the item at a position. */
  slotAt(position: number): number {
    const { block, index } = this.#at(position)
    return block.slots[index] ?? 0
  }

  fingerprint(from: number, to: number): Uint8Array {
    this.#refresh()
    if (from === 0 && to === this.#size) return (this.#whole ??= this.#fingerprint(from, to)).slice()
    return this.#fingerprint(from, to)
  }

  #fingerprint(from: number, to: number): Uint8Array {
    const sum = emptySum()
    const [first, last] = [this.#blockOf(from), this.#blockOf(to)]
    if (first === last) this.#addItems(sum, first, from, to)
    else {
      this.#addItems(sum, first, from, this.#starts[first + 1] ?? to)
      addSum(sum, this.#sums, last * SUM_WORDS, 1)
      addSum(sum, this.#sums, (first + 1) * SUM_WORDS, -1)
      this.#addItems(sum, last, this.#starts[last] ?? to, to)
    }
    return fingerprintOf(sum, to - from)
  }

  /** Add the ids at positions `from` … `to - 1`, all of one block. */
  #addItems(sum: ItemSum, number: number, from: number, to: number): void {
    const block = this.#blocks[number]
    const start = this.#starts[number] ?? 0
    if (block === undefined) return
    for (let position = from; position < to; position++)
      addId(sum, block.ids, (position - start) * ENVELOPE_ID_BYTES)
  }

  #at(position: number): { readonly block: Block; readonly index: number } {
    this.#refresh()
    const number = this.#blockOf(position)
    const block = this.#blocks[number]
    const index = position - (this.#starts[number] ?? 0)
    if (block === undefined || index < 0) throw new RangeError(`There is no item ${String(position)}`)
    return { block, index }
  }

  /** The block that holds a position; one past the last for the end. */
  #blockOf(position: number): number {
    return firstIndex(this.#blocks.length, (at) => (this.#starts[at + 1] ?? 0) > position)
  }

  #find(order: number, id: Uint8Array): Place {
    const after = firstIndex(this.#blocks.length, (at) => this.#compare(at, 0, order, id) > 0)
    const block = Math.max(after - 1, 0)
    const count = this.#blocks[block]?.count ?? 0
    const index = firstIndex(count, (at) => this.#compare(block, at, order, id) >= 0)
    return { block, index, found: index < count && this.#compare(block, index, order, id) === 0 }
  }

  #compare(number: number, index: number, order: number, id: Uint8Array): number {
    const block = this.#blocks[number]
    if (block === undefined) return 1
    const days = (block.orders[index] ?? 0) - order
    if (days !== 0) return days
    // In place, as a view for each comparison would cost more than all the rest.
    const start = index * ENVELOPE_ID_BYTES
    for (let at = 0; at < id.length && at < ENVELOPE_ID_BYTES; at++) {
      const difference = (block.ids[start + at] ?? 0) - (id[at] ?? 0)
      if (difference !== 0) return difference
    }
    return ENVELOPE_ID_BYTES - id.length
  }

  #room({ block }: Place): Block {
    const known = this.#blocks[block]
    if (known !== undefined) return known
    const made = emptyBlock()
    this.#blocks.push(made)
    return made
  }

  #halve(number: number, block: Block): void {
    const upper = emptyBlock()
    const middle = block.count >> 1
    upper.orders.set(block.orders.subarray(middle, block.count))
    upper.ids.set(block.ids.subarray(middle * ENVELOPE_ID_BYTES, block.count * ENVELOPE_ID_BYTES))
    upper.slots.set(block.slots.subarray(middle, block.count))
    upper.count = block.count - middle
    block.count = middle
    for (let index = 0; index < upper.count; index++) addId(upper.sum, upper.ids, index * ENVELOPE_ID_BYTES)
    addSum(block.sum, upper.sum, 0, -1)
    this.#blocks.splice(number + 1, 0, upper)
  }

  #refresh(): void {
    if (!this.#isStale) return
    const length = this.#blocks.length + 1
    if (this.#starts.length < length) {
      this.#starts = new Uint32Array(length * 2)
      this.#sums = new Uint32Array(length * 2 * SUM_WORDS)
    }
    const sum = emptySum()
    this.#orders = []
    let start = 0
    for (const [number, block] of this.#blocks.entries()) {
      // Most blocks are of one day.
      if (block.orders[block.count - 1] !== this.#orders.at(-1))
        for (const order of block.orders.subarray(0, block.count))
          if (order !== this.#orders.at(-1)) this.#orders.push(order)
      this.#starts[number] = start
      this.#sums.set(sum, number * SUM_WORDS)
      addSum(sum, block.sum, 0, 1)
      start += block.count
    }
    this.#starts[this.#blocks.length] = start
    this.#sums.set(sum, this.#blocks.length * SUM_WORDS)
    this.#isStale = false
    this.#whole = undefined
  }
}

function itemIn(block: Block, index: number): Item {
  const start = index * ENVELOPE_ID_BYTES
  return { day: orderOf(block.orders[index] ?? 0), id: block.ids.slice(start, start + ENVELOPE_ID_BYTES) }
}

function emptyBlock(): Block {
  return {
    count: 0,
    orders: new Uint16Array(BLOCK),
    ids: new Uint8Array(BLOCK * ENVELOPE_ID_BYTES),
    slots: new Uint32Array(BLOCK),
    sum: emptySum()
  }
}

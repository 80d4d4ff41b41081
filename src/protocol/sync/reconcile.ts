import { MAX_SYNC_LIST, SYNC_BRANCHES } from '../limits.js'
import { compareBytes } from '../compare-bytes.js'
import { FINGERPRINT_BYTES } from './item-sum.js'
import type { ItemView } from './item-index.js'
import {
  boundBetween,
  END,
  FIRST,
  orderOf,
  SHORT_ID_BYTES,
  shortIdKey,
  type Bound,
  type Item
} from './item.js'
import { numbersBytes, RangeWriter, type SyncRange } from './range-message.js'

/** An id the other side has named, by its number among all those it has named in this session. */
export interface Offer {
  readonly number: number
  readonly id: Uint8Array
}

/** What one message of the other side led to. */
export interface Reconciled {
  /** The answer; `undefined` if there is nothing left to say. */
  readonly message: Uint8Array | undefined
  /** Ids named in the answer, in order: they continue the numbers of those named before. */
  readonly named: readonly Item[]
  /** What the other side has and this one lacks. */
  readonly wanted: readonly Offer[]
  /** What this one has and the other lacks. */
  readonly lacking: readonly Item[]
  /** Numbers of this side's ids that the other has just said it lacks. */
  readonly missing: readonly number[]
  /** How many ids the message named. */
  readonly offered: number
}

/** The first message: the whole set in some fingerprints, or in one list if it is small. */
export function beginReconciling(
  view: ItemView,
  maxBytes: number
): { readonly message: Uint8Array; readonly named: readonly Item[] } {
  const answer = new Answer(view, maxBytes)
  answer.describe(0, view.size, END)
  return { message: answer.finish() ?? new Uint8Array(0), named: answer.named }
}

/**
 * Answer a message of range-based set reconciliation (Meyer, arXiv 2212.13567; after negentropy's protocol v1): ranges whose fingerprints agree
 * are done, others are split, and small ones listed. `view` may change between two messages; nothing is remembered from one to the next but how
 * many ids were named. `offeredBefore` counts those of the other side.
 */
export function reconcile(
  view: ItemView,
  ranges: readonly SyncRange[],
  offeredBefore: number,
  maxBytes: number
): Reconciled {
  const offers = new Offers(ranges, offeredBefore)
  const answer = new Answer(view, maxBytes)
  const wanted: Offer[] = []
  const missing: number[] = []
  let lower = FIRST
  let isFull = false
  for (const [at, range] of ranges.entries()) {
    const [from, to] = [view.rank(lower), view.rank(range.upper)]
    const ids = offers.of(at)
    if (range.kind === 'answer') {
      missing.push(...range.missing)
      wanted.push(...without(ids, keysOf(view, from, to, ids)))
    }
    if (!isFull) isFull = !answerRange(view, answer, range, ids, from, to, wanted)
    lower = range.upper
  }
  return {
    message: answer.finish(),
    named: answer.named,
    wanted,
    lacking: answer.lacking,
    missing,
    offered: offers.count
  }
}

/** `false` if the range did not fit: then the rest of the set is answered with one fingerprint. */
function answerRange(
  view: ItemView,
  answer: Answer,
  range: SyncRange,
  ids: readonly Offer[],
  from: number,
  to: number,
  wanted: Offer[]
): boolean {
  switch (range.kind) {
    case 'skip':
    case 'answer':
      answer.skip(range.upper)
      return true
    case 'fingerprint':
      if (compareBytes(view.fingerprint(from, to), range.fingerprint) !== 0)
        return answer.describe(from, to, range.upper)
      answer.skip(range.upper)
      return true
    case 'list': {
      const known = keysOf(view, from, to, ids)
      const lacked = without(ids, known)
      const listed = new Set(ids.map(({ id }) => shortIdKey(id)))
      const isWhole = answer.reply(from, to, range.upper, lacked, listed)
      if (isWhole !== undefined) wanted.push(...lacked)
      return isWhole === true
    }
  }
}

/**
 * Which of the offered ids this side has between two positions, as keys. Looked up id by id in each day of the range: a range that
 * holds the whole set costs no more than its ids.
 */
function keysOf(view: ItemView, from: number, to: number, ids: readonly Offer[]): ReadonlySet<string> {
  const known = new Set<string>()
  if (ids.length === 0) return known
  const orders = ordersIn(view, from, to)
  for (const { id } of ids) {
    for (const order of orders) {
      const position = view.rank({ order, prefix: id })
      if (position < from || position >= to) continue
      const item = view.itemAt(position)
      if (orderOf(item.day) !== order || compareBytes(item.id.subarray(0, SHORT_ID_BYTES), id) !== 0) continue
      known.add(shortIdKey(id))
      break
    }
  }
  return known
}

/** The places of the days of items `from` … `to - 1`. */
function ordersIn(view: ItemView, from: number, to: number): number[] {
  const orders: number[] = []
  for (let position = from; position < to;) {
    const order = orderOf(view.itemAt(position).day)
    orders.push(order)
    position = view.rank({ order: order + 1, prefix: FIRST.prefix })
  }
  return orders
}

function without(ids: readonly Offer[], known: ReadonlySet<string>): Offer[] {
  return ids.filter(({ id }) => !known.has(shortIdKey(id)))
}

/** The numbers of the ids in a message's lists and answers. */
class Offers {
  readonly #byRange: readonly (readonly Offer[])[]
  readonly count: number

  constructor(ranges: readonly SyncRange[], before: number) {
    let next = before
    this.#byRange = ranges.map((range) =>
      range.kind === 'list' || range.kind === 'answer' ? range.ids.map((id) => ({ number: next++, id })) : []
    )
    this.count = next - before
  }

  of(range: number): readonly Offer[] {
    return this.#byRange[range] ?? []
  }
}

/** A message while it is made, within its bounds. */
class Answer {
  readonly named: Item[] = []
  readonly lacking: Item[] = []
  readonly #view: ItemView
  readonly #writer: RangeWriter
  /** The end of what was written, or skipped and not yet written. */
  #upper: Bound = FIRST
  #isSkipping = false

  constructor(view: ItemView, maxBytes: number) {
    this.#view = view
    this.#writer = new RangeWriter(maxBytes)
  }

  /** Nothing to say of what lies before `upper`. */
  skip(upper: Bound): void {
    this.#upper = upper
    this.#isSkipping = true
  }

  /** Say what lies at positions `from` … `to - 1`: a list if it is short, else fingerprints. `false` if it does not fit. */
  describe(from: number, to: number, upper: Bound): boolean {
    const count = to - from
    if (count <= MAX_SYNC_LIST) {
      if (this.#writer.room(2) < 2 + count * SHORT_ID_BYTES) return this.#rest(from)
      const items = this.#items(from, to)
      this.named.push(...items)
      this.#put({ upper, kind: 'list', ids: items.map(({ id }) => id) })
      return true
    }
    const needed = SYNC_BRANCHES * FINGERPRINT_BYTES
    if (this.#writer.room(SYNC_BRANCHES + 1) < needed) return this.#rest(from)
    for (let branch = 0; branch < SYNC_BRANCHES; branch++) {
      const start = from + Math.floor((count * branch) / SYNC_BRANCHES)
      const end = from + Math.floor((count * (branch + 1)) / SYNC_BRANCHES)
      this.#put({
        upper: branch === SYNC_BRANCHES - 1 ? upper : this.#boundAt(end),
        kind: 'fingerprint',
        fingerprint: this.#view.fingerprint(start, end)
      })
    }
    return true
  }

  /**
   * Answer a list. `false` if not all that it lacks fits: the rest of the set is left to the next message; `undefined` if nothing
   * of the answer fits.
   */
  reply(
    from: number,
    to: number,
    upper: Bound,
    lacked: readonly Offer[],
    listed: ReadonlySet<string>
  ): boolean | undefined {
    const room = this.#writer.room(2) - numbersBytes(lacked.length) - 2
    const most = Math.floor(room / SHORT_ID_BYTES)
    if (most < 1) {
      this.#rest(from)
      return undefined
    }
    const extra: Item[] = []
    let position = from
    for (; position < to && extra.length < most; position++) {
      const item = this.#view.itemAt(position)
      if (!listed.has(shortIdKey(item.id))) extra.push(item)
    }
    if (lacked.length === 0 && extra.length === 0) {
      this.skip(upper)
      return true
    }
    this.named.push(...extra)
    this.lacking.push(...extra)
    const isWhole = position === to
    this.#put({
      upper: isWhole ? upper : this.#boundAt(position),
      kind: 'answer',
      missing: lacked.map(({ number }) => number),
      ids: extra.map(({ id }) => id)
    })
    return isWhole || this.#rest(position)
  }

  finish(): Uint8Array | undefined {
    return this.#writer.isEmpty ? undefined : this.#writer.finish()
  }

  /** One fingerprint of everything from `from` on. */
  #rest(from: number): false {
    this.#put({ upper: END, kind: 'fingerprint', fingerprint: this.#view.fingerprint(from, this.#view.size) })
    return false
  }

  #put(range: SyncRange): void {
    if (this.#isSkipping) this.#writer.put({ upper: this.#upper, kind: 'skip' })
    this.#isSkipping = false
    this.#writer.put(range)
    this.#upper = range.upper
  }

  #boundAt(position: number): Bound {
    return boundBetween(this.#view.itemAt(position - 1), this.#view.itemAt(position))
  }

  #items(from: number, to: number): Item[] {
    return Array.from({ length: to - from }, (_, index) => this.#view.itemAt(from + index))
  }
}

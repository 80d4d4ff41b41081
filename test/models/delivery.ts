import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  addNumber,
  flattenRanges,
  hasNumber,
  NO_RANGES,
  parseRanges,
  unite,
  type Ranges
} from '../../src/protocol/delivery/ranges.js'
import {
  afterHeard,
  afterJoin,
  afterPublish,
  isDue,
  measureReceipt,
  NOT_TRANSMITTED,
  type ReceiptTime,
  type Transmission
} from '../../src/protocol/delivery/retransmission.js'
import { MAX_RANGES, MAX_RECEIPT_RANGES } from '../../src/protocol/limits.js'
import { NOW, must, seeded } from '../support/protocol-values.js'
import { histories, picked, WRONG_CLOCKS, type Model } from './history.js'

type Act =
  | 'send'
  | 'pass'
  | 'deliver'
  | 'duplicate'
  | 'drop'
  | 'receipt'
  | 'lose-receipt'
  | 'join'
  | 'leave'
  | 'restart'
  | 'die'
  | 'wrong-clock'
  | 'right-clock'

/** The longest wait between two transmissions of what others keep, with its jitter, ms. */
const LONGEST_WAIT = 30 * 60_000 * 1.25

interface Waiting {
  transmission: Transmission
  readonly sentAt: number
  /** Peers that keep it, as they say: here it helps nobody. */
  readonly holders: number
}

/** A sender and a recipient of one stream. Both keep what a store keeps; the rest is gone when they die. */
class DeliveryWorld {
  readonly #first: number
  readonly #random
  #next: number
  #now = NOW
  /** What the sender's clock says of now. */
  #clock = (now: number): number => now
  #present = true
  readonly #outbox = new Map<number, Waiting>()
  #time: ReceiptTime | undefined
  /** Numbers the sender calls delivered. */
  #delivered: Ranges = NO_RANGES
  readonly #wire: number[] = []
  #receipts: (readonly number[])[] = []
  /** The recipient's store. */
  #received: Ranges = NO_RANGES
  readonly #taken: number[] = []

  constructor(seed: number) {
    this.#random = seeded(seed)
    this.#first = seed % 2 ** 32
    this.#next = this.#first
  }

  send(): void {
    this.#outbox.set(this.#next, {
      transmission: NOT_TRANSMITTED,
      sentAt: this.#now,
      holders: this.#next % 4
    })
    this.#next += 1
    this.flush()
  }

  pass(ms: number): void {
    this.#now += ms
    this.flush()
  }

  flush(): void {
    const now = this.#clock(this.#now)
    for (const [number, entry] of this.#outbox) {
      if (!isDue(entry.transmission, now)) continue
      entry.transmission = afterPublish(
        entry.transmission,
        { recipients: this.#present ? 1 : 0, holders: entry.holders },
        this.#time,
        now,
        this.#random
      )
      if (this.#present) this.#wire.push(number)
      // Wherever the clock stood, it will be time again soon after now.
      const { nextAt } = entry.transmission
      assert.ok(nextAt === Infinity ? !this.#present : nextAt - now <= LONGEST_WAIT && nextAt > now)
    }
  }

  deliver(pick: number, stays: boolean, dies = false): void {
    const number = picked(this.#wire, pick)
    if (number === undefined) return
    // A process that dies before its commit has neither taken nor acknowledged anything.
    if (dies) return
    if (!stays) this.#wire.splice(this.#wire.indexOf(number), 1)
    if (!hasNumber(this.#received, number)) this.#taken.push(number)
    this.#received = addNumber(this.#received, number)
    this.#receipts.push(flattenRanges(this.#received, MAX_RECEIPT_RANGES))
  }

  drop(pick: number): void {
    const number = picked(this.#wire, pick)
    if (number !== undefined) this.#wire.splice(this.#wire.indexOf(number), 1)
  }

  /** Receipts come in any order, an old one after a new one too. */
  receipt(pick: number): void {
    const pairs = picked(this.#receipts, pick)
    if (pairs === undefined) return
    this.#receipts = this.#receipts.filter((one) => one !== pairs)
    const claimed = must(parseRanges(pairs, MAX_RECEIPT_RANGES))
    this.#delivered = unite(this.#delivered, claimed, this.#next, MAX_RANGES)
    const now = this.#clock(this.#now)
    for (const [number, { transmission, sentAt }] of this.#outbox) {
      if (!hasNumber(claimed, number)) continue
      if (transmission.attempts === 1)
        this.#time = measureReceipt(this.#time, Math.max(0, this.#now - sentAt))
      this.#outbox.delete(number)
    }
    for (const entry of this.#outbox.values())
      entry.transmission = afterHeard(entry.transmission, this.#time, now)
    this.#assertNothingLost()
    this.flush()
  }

  loseReceipts(): void {
    this.#receipts = []
  }

  join(): void {
    this.#present = true
    const now = this.#clock(this.#now)
    for (const entry of this.#outbox.values()) entry.transmission = afterJoin(entry.transmission, now)
    this.flush()
  }

  leave(): void {
    this.#present = false
  }

  /** The outbox is in the store, when it is due is not. */
  restart(): void {
    for (const entry of this.#outbox.values()) entry.transmission = NOT_TRANSMITTED
    this.#time = undefined
    this.flush()
  }

  setClock(clock: (now: number) => number): void {
    this.#clock = clock
  }

  /** With a network that works from here on, everything arrives in the time of some waits. */
  settle(): void {
    this.#clock = (now) => now
    this.join()
    for (
      let round = 0;
      round < 4 + Math.ceil(this.#outbox.size / MAX_RECEIPT_RANGES) && this.#outbox.size > 0;
      round += 1
    ) {
      this.pass(LONGEST_WAIT)
      while (this.#wire.length > 0) this.deliver(0, false)
      while (this.#receipts.length > 0) this.receipt(this.#receipts.length - 1)
    }
    assert.equal(this.#outbox.size, 0, 'something is never acknowledged')
  }

  assertExactlyOnce(): void {
    const all = Array.from({ length: this.#next - this.#first }, (_, index) => this.#first + index)
    assert.deepEqual(
      this.#taken.toSorted((one, other) => one - other),
      all
    )
  }

  /** What the sender calls delivered, and what it repeats no more, the recipient has. */
  #assertNothingLost(): void {
    for (let number = this.#first; number < this.#next; number += 1) {
      const isKept = this.#outbox.has(number) || hasNumber(this.#received, number)
      assert.ok(isKept, `${number} is in no store`)
      if (hasNumber(this.#delivered, number))
        assert.ok(hasNumber(this.#received, number), `${number} is claimed`)
    }
  }
}

/** Retransmission, receipts and the sets of numbers they are made of. */
export const delivery: Model = {
  name: 'delivery',
  proves:
    'Invariant 11: takes every message once and loses nothing it acknowledged, over any loss, restart, absence and clock',
  share: 447,
  usual: 1500,
  check(options) {
    const weights = {
      ...{ send: 6, pass: 5, deliver: 5, duplicate: 1, drop: 2, receipt: 3, 'lose-receipt': 1 },
      ...{ join: 1, leave: 1, restart: 1, die: 1, 'wrong-clock': 1, 'right-clock': 1 }
    }
    const property = fc.property(histories<Act>(1, weights, 60), ({ seed, steps }) => {
      const world = new DeliveryWorld(seed)
      for (const { act, pick, amount } of steps) {
        if (act === 'send') world.send()
        else if (act === 'pass') world.pass(amount * 8)
        else if (act === 'deliver' || act === 'duplicate' || act === 'die')
          world.deliver(pick, act === 'duplicate', act === 'die')
        else if (act === 'drop') world.drop(pick)
        else if (act === 'receipt') world.receipt(pick)
        else if (act === 'lose-receipt') world.loseReceipts()
        else if (act === 'join') world.join()
        else if (act === 'leave') world.leave()
        else if (act === 'restart') world.restart()
        else if (act === 'right-clock') world.setClock((now) => now)
        else world.setClock(must(WRONG_CLOCKS[pick % WRONG_CLOCKS.length]))
      }
      world.settle()
      world.assertExactlyOnce()
    })
    fc.assert(property, options)
  }
}

import type { Clock } from '../clock.js'
import { MAX_PARCEL_BYTES, PARCEL_ROOM, parcelShare } from '../codec/parcel.js'
import { EMPTY_LEDGER, fitsAt, spend, spentWithin, type Ledger } from '../protocol/delivery/ledger.js'
import {
  FOREIGN_BUDGET,
  MIN_ENVELOPE_BYTES,
  RECEIPT_BUDGET,
  ROUTINE_BUDGET,
  URGENT_BUDGET
} from '../protocol/limits.js'
import { ledgerRecord } from '../storage/records/ledger-record.js'
import { readRecord } from '../storage/records/read-record.js'
import type { Tables } from '../storage/records/tables.js'
import type { Store } from '../storage/store.js'
import type { MessengerStatus } from './messenger.js'

/** What is sent. */
export type Traffic = MessengerStatus['budget']['stopped'][number]

/** Up to which share of the budget each goes on, what stops first coming first. */
const SHARES: readonly (readonly [traffic: Traffic, share: number])[] = [
  ['foreign', FOREIGN_BUDGET],
  ['routine', ROUTINE_BUDGET],
  ['urgent', URGENT_BUDGET],
  ['receipt', RECEIPT_BUDGET],
  ['emergency', 1]
]
/** Share of the budget after which what was spent is stored at once: a crash forgives no more than that. */
const UNSAVED = 1 / 64
/** Bytes of a parcel with one envelope that are not the envelope's. */
const PARCEL_OVERHEAD = MAX_PARCEL_BYTES - PARCEL_ROOM + parcelShare(new Uint8Array(0))

export interface BudgetOptions {
  readonly store: Store
  readonly tables: Tables
  readonly clock: Clock
  /** Bytes that may be sent within any hour; no bound if not given, then they are only counted. */
  readonly bytesPerHour?: number | undefined
  readonly onFailure: (error: unknown) => void
}

/** What an envelope costs that is published to so many peers, bytes. */
export function publishCost(envelopeBytes: number, peers: number): number {
  return (PARCEL_OVERHEAD + envelopeBytes) * peers
}

/** Counts what this device sends, and says what may still be sent within the hour. */
export class Budget {
  readonly #options: BudgetOptions
  #ledger: Ledger = EMPTY_LEDGER
  #unsaved = 0
  #saving: Promise<void> = Promise.resolve()

  constructor(options: BudgetOptions) {
    this.#options = options
  }

  /** Read what was sent before this start. A damaged record is none. */
  async load(): Promise<void> {
    const { store, tables } = this.#options
    this.#ledger = (await readRecord(store, tables.ledger, ledgerRecord)) ?? EMPTY_LEDGER
  }

  get isBounded(): boolean {
    return this.#options.bytesPerHour !== undefined
  }

  /** Whether so many bytes of this traffic may be sent now. */
  allows(traffic: Traffic, bytes: number): boolean {
    const most = this.#most(traffic)
    return most === Infinity || spentWithin(this.#ledger, this.#options.clock.now()) + bytes <= most
  }

  /** Bytes of this traffic that may be sent now; less than none if others have used it up. */
  room(traffic: Traffic): number {
    return this.#most(traffic) - spentWithin(this.#ledger, this.#options.clock.now())
  }

  /** When so many bytes of this traffic may be sent, epoch ms. */
  allowsAt(traffic: Traffic, bytes: number): number {
    return fitsAt(this.#ledger, bytes, this.#most(traffic), this.#options.clock.now())
  }

  /** So many bytes were sent, or are about to be; negative: less than was thought. */
  spend(bytes: number): void {
    if (bytes === 0) return
    const { clock, bytesPerHour = Infinity } = this.#options
    this.#ledger = spend(this.#ledger, bytes, clock.now())
    this.#unsaved += bytes
    if (this.#unsaved > bytesPerHour * UNSAVED) this.save().catch(this.#options.onFailure)
  }

  /** Store what was spent, if it matters after a restart. */
  async save(): Promise<void> {
    if (this.#unsaved === 0 || !this.isBounded) return
    const saving = this.#unsaved
    this.#unsaved = 0
    const { store, tables } = this.#options
    const value = ledgerRecord.encode(this.#ledger)
    const turn = this.#saving.then(() => store.commit([{ type: 'put', key: tables.ledger, value }]))
    this.#saving = turn.catch(() => {
      this.#unsaved += saving
    })
    await turn
  }

  /** `peers`: to how many an envelope would go now. */
  status(peers: number): MessengerStatus['budget'] {
    const { clock, bytesPerHour } = this.#options
    const used = spentWithin(this.#ledger, clock.now())
    if (bytesPerHour === undefined) return { used, stopped: [] }
    const least = publishCost(MIN_ENVELOPE_BYTES, Math.max(1, peers))
    const stopped = SHARES.map(([traffic]) => traffic).filter((traffic) => !this.allows(traffic, least))
    const times = stopped.map((traffic) => this.allowsAt(traffic, least)).filter(Number.isFinite)
    const roomAt = times.length === 0 ? {} : { roomAt: Math.min(...times) }
    return { used, limit: bytesPerHour, stopped, ...roomAt }
  }

  #most(traffic: Traffic): number {
    const { bytesPerHour } = this.#options
    if (bytesPerHour === undefined) return Infinity
    const [, share] = SHARES.find(([known]) => known === traffic) ?? ['foreign', 0]
    return Math.floor(bytesPerHour * share)
  }
}

import { epochAt } from '../../protocol/prekeys/bundle.js'
import {
  lookupPlaces,
  sealBundleRecord,
  type BundlePlace,
  type BundleRecord
} from '../../protocol/prekeys/bundle-record.js'
import type { Context } from '../context.js'

/**
 * The own bundle as the records that others keep: sealed once for each week of each bundle. Whoever has such a record already writes nothing when it
 * is offered again, and holds one copy instead of several.
 */
export class OwnRecords {
  readonly #context: Pick<Context, 'clock' | 'own' | 'random'>
  readonly #sealed = new Map<number, BundleRecord>()
  #signingKey: Uint8Array | undefined
  #bundle: Uint8Array | undefined
  #epoch: number | undefined
  #places: readonly BundlePlace[] = []

  constructor(context: Pick<Context, 'clock' | 'own' | 'random'>) {
    this.#context = context
  }

  /** Where records of this identity lie now. */
  places(): readonly BundlePlace[] {
    this.#refresh()
    return this.#places
  }

  /** The record of this week. */
  current(): BundleRecord {
    return this.sealed(epochAt(this.#context.clock.now()))
  }

  sealed(week: number): BundleRecord {
    this.#refresh()
    const { own, random } = this.#context
    const record =
      this.#sealed.get(week) ??
      sealBundleRecord(own.record.identity.signing.publicKey, week, own.prekeys.bundle, random)
    this.#sealed.set(week, record)
    return record
  }

  /** Another week, bundle or identity: nothing of before holds. */
  #refresh(): void {
    const { own, clock } = this.#context
    const { publicKey } = own.record.identity.signing
    const [{ bundle }, epoch] = [own.prekeys, epochAt(clock.now())]
    if (this.#signingKey === publicKey && this.#bundle === bundle && this.#epoch === epoch) return
    this.#signingKey = publicKey
    this.#bundle = bundle
    this.#epoch = epoch
    this.#sealed.clear()
    this.#places = lookupPlaces(publicKey, clock.now())
  }
}

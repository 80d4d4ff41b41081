import { compareBytes } from '../../protocol/compare-bytes.js'
import { MAX_BUNDLE_WANTS, MAX_COUNTED_PEERS, MAX_OFFERS_PER_HOUR } from '../../protocol/limits.js'
import { isBundleExpired, type Bundle } from '../../protocol/prekeys/bundle.js'
import {
  lookupPlaces,
  openBundleRecord,
  type BundlePlace,
  type BundleRecord
} from '../../protocol/prekeys/bundle-record.js'
import {
  BUNDLE_PROTOCOL,
  decodeBundleRequest,
  decodeBundleResponse,
  encodeBundleRequest,
  encodeBundleResponse
} from '../../protocol/prekeys/bundle-request.js'
import { adoptBundle } from './adopt-bundle.js'
import { emitContact } from '../announce.js'
import { BundleCache } from './bundle-cache.js'
import type { Context } from '../context.js'
import { suspectCopy } from '../continuity/suspect-copy.js'
import { OwnRecords } from './own-records.js'
import type { PeerState } from '../peer-state.js'
import { sendingSession, usableBundle } from '../send/seal.js'

/** How often missing bundles are asked for again while peers are there, ms. */
const ASK_AGAIN = 30_000
const HOUR = 60 * 60_000

/** Peers asked in one round. */
const MAX_ASKED = 3

/**
 * Finds the bundles of contacts that were added by a short card, answers others, and hands our own record to whoever we are linked to, so that
 * it can be found while we are away.
 */
export class BundleExchange {
  readonly #context: Context
  readonly #cache: BundleCache
  readonly #own: OwnRecords
  /** Peers that were asked since they linked. */
  readonly #met = new Set<string>()
  readonly #offers = new Map<string, number>()
  #countedSince = 0
  /** Where the next round of questions begins: everybody has a turn, who asks and who is asked for. */
  #nextPeer = 0
  #nextWanted = 0
  #cancel: (() => void) | undefined

  constructor(context: Context) {
    this.#context = context
    this.#cache = new BundleCache(context)
    this.#own = new OwnRecords(context)
  }

  async load(): Promise<void> {
    await this.#cache.load()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#met.clear()
  }

  /** Links changed: greet the new ones. */
  onPeers(): void {
    const { linked } = this.#context.state
    for (const peer of this.#met) if (!linked.has(peer)) this.#met.delete(peer)
    for (const peer of linked) {
      if (this.#met.has(peer)) continue
      this.#met.add(peer)
      this.#ask(peer, true)
    }
  }

  /** Ask for what is missing now, and again while it is. */
  lookUp(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (!this.#context.state.started || this.#wanted().length === 0) return
    this.#adoptCached().catch((error: unknown) => {
      this.#context.onFailure('bundles', error)
    })
    this.#askSome(false)
    this.#cancel = this.#context.clock.schedule(ASK_AGAIN, () => {
      this.lookUp()
    })
  }

  /** Ask whether somebody else issues bundles of this identity: a device that goes on from a copy of this store. */
  lookForOwn(): void {
    if (this.#context.state.started) this.#askSome(true)
  }

  #askSome(forOwn: boolean): void {
    const peers = [...this.#met]
    const asked = Math.min(MAX_ASKED, peers.length)
    for (let index = 0; index < asked; index++) {
      const peer = peers[this.#nextPeer++ % peers.length]
      if (peer !== undefined) this.#ask(peer, forOwn)
    }
  }

  /** Answer a peer's request; `undefined` if it is malformed. */
  async answer(bytes: Uint8Array, from: string): Promise<Uint8Array | undefined> {
    const request = decodeBundleRequest(bytes)
    if (request === undefined) return undefined
    try {
      for (const record of request.offered) if (this.#mayOffer(from)) await this.#cache.keep(record)
    } catch (error) {
      // Who cannot keep anything for others is still to be written to.
      this.#context.onFailure('bundles', error)
    }
    const own = this.#ownRecords(request.wanted)
    const found = await Promise.all(
      request.wanted
        .filter((id) => !own.some((record) => compareBytes(record.id, id) === 0))
        .map((id) => this.#cache.find(id))
    )
    return encodeBundleResponse([...own, ...found.flat()])
  }

  /** Each record kept is a write to disk: a peer has a share of them per hour. */
  #mayOffer(peer: string): boolean {
    const now = this.#context.clock.now()
    if (
      now - this.#countedSince > HOUR ||
      now < this.#countedSince ||
      this.#offers.size >= MAX_COUNTED_PEERS
    ) {
      this.#countedSince = now
      this.#offers.clear()
    }
    const count = (this.#offers.get(peer) ?? 0) + 1
    this.#offers.set(peer, count)
    return count <= MAX_OFFERS_PER_HOUR
  }

  #ownRecords(wanted: readonly Uint8Array[]): BundleRecord[] {
    return this.#own
      .places()
      .filter((place) => wanted.some((id) => compareBytes(id, place.id) === 0))
      .map(({ week }) => this.#own.sealed(week))
  }

  /** Contacts that cannot be written to, or only with a stale bundle. */
  #wanted(): PeerState[] {
    const now = this.#context.clock.now()
    return [...this.#context.queue.states.values()].filter((state) => {
      if (state.contact.blocked || state.contact.change !== undefined) return false
      const session = sendingSession(this.#context, state, now)
      if (session !== undefined) return session.stale
      const bundle = usableBundle(state, now)
      return bundle === undefined || isBundleExpired(bundle, now)
    })
  }

  /** Some of the contacts that are wanted, others the next time. */
  #wantedTurn(count: number): PeerState[] {
    const wanted = this.#wanted()
    const start = wanted.length <= count ? 0 : this.#nextWanted % wanted.length
    this.#nextWanted += count
    return [...wanted.slice(start), ...wanted.slice(0, start)].slice(0, count)
  }

  /** What others left here while they were linked may be just what is missing. */
  async #adoptCached(): Promise<void> {
    const now = this.#context.clock.now()
    for (const { contact } of this.#wanted()) {
      const places = lookupPlaces(contact.signingKey, now)
      const records = (await Promise.all(places.map(({ id }) => this.#cache.find(id)))).flat()
      await this.#adopt(contact, places, records)
    }
  }

  #ask(peer: string, forOwn: boolean): void {
    this.#exchange(peer, forOwn).catch((error: unknown) => {
      // A peer that does not answer is asked again with the next round.
      this.#context.logger.debug('bundle request failed', {
        reason: error instanceof Error ? error.message : 'unknown'
      })
    })
  }

  async #exchange(peer: string, forOwn: boolean): Promise<void> {
    const { clock, network, own } = this.#context
    const mine = this.#own.places()
    const wanted = this.#wantedTurn(Math.floor(MAX_BUNDLE_WANTS / mine.length) - (forOwn ? 1 : 0))
    const theirs = wanted.map(({ contact }) => ({
      contact,
      places: lookupPlaces(contact.signingKey, clock.now())
    }))
    const ids = [...(forOwn ? mine : []), ...theirs.flatMap(({ places }) => places)].map(({ id }) => id)
    const offered = [this.#own.current()]
    const answer = await network.request(peer, BUNDLE_PROTOCOL, encodeBundleRequest({ wanted: ids, offered }))
    const records = decodeBundleResponse(answer) ?? []
    const { publicKey } = own.record.identity.signing
    if (forOwn) this.#compareOwn(openRecords(publicKey, mine, records, own.prekeys.bundle))
    for (const { contact, places } of theirs) await this.#adopt(contact, places, records)
  }

  /** A bundle of ours that this device did not issue, and no former one, is of somebody who goes on from a copy of this state. */
  #compareOwn(bundles: readonly Bundle[]): void {
    const { own } = this.#context
    for (const { seq, encoded } of bundles) {
      const isKnown = seq < own.prekeys.seq || compareBytes(encoded, own.prekeys.bundle) === 0
      if (!isKnown) suspectCopy(this.#context, 'bundle', seq)
    }
  }

  async #adopt(
    { id, signingKey, bundle: known }: PeerState['contact'],
    places: readonly BundlePlace[],
    records: readonly BundleRecord[]
  ): Promise<void> {
    const bundles = openRecords(signingKey, places, records, known)
    if (bundles.length === 0) return
    await this.#context.queue.run(id, async (unit) => {
      for (const bundle of bundles) await adoptBundle(this.#context, unit, bundle)
      unit.after(() => {
        this.#context.sealSoon(id)
        emitContact(this.#context, id)
      })
    })
  }
}

/** The bundles of one identity among records. */
function openRecords(
  signingKey: Uint8Array,
  places: readonly BundlePlace[],
  records: readonly BundleRecord[],
  known: Uint8Array | undefined
): Bundle[] {
  return places.flatMap(({ week, id }) =>
    records
      .filter((record) => compareBytes(record.id, id) === 0)
      .map((record) => openBundleRecord(record, signingKey, week, known))
      .filter((bundle) => bundle !== undefined)
  )
}

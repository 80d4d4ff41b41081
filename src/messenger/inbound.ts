import type { IdentityId } from '../codec/ids.js'
import { detachOutline, LANE_OPEN, type EnvelopeOutline } from '../protocol/envelope/envelope.js'
import { inspectParcel } from '../protocol/envelope/inspect.js'
import { MAX_INBOUND_QUEUE_BYTES, MAX_INBOUND_ROUND, MAX_OPEN_HELLOS_PER_SECOND } from '../protocol/limits.js'
import type { Context } from './context.js'
import { receiveInvitedHello, receiveOpenHello } from './receive-hello.js'
import { receiveEnvelopes, refuse, type MatchedEnvelope } from './receive.js'
import { hashOf } from './seen.js'
import type { Recognised } from './tag-index.js'

/**
 * Envelopes on their way from the network to the conversations: a bounded queue, opened round by round. A round is recognised after the one before
 * was committed, so the tags it is looked up under are those of the sessions as they are.
 */
export class Inbound {
  readonly #context: Context
  readonly #queue: EnvelopeOutline[] = []
  #queuedBytes = 0
  #running: Promise<void> | undefined
  #openHellos = MAX_OPEN_HELLOS_PER_SECOND
  #refilledAt = 0

  constructor(context: Context) {
    this.#context = context
  }

  /** Take in a parcel that passed inspection. */
  receive(parcel: Uint8Array): void {
    const inspected = inspectParcel(parcel, this.#context.clock.now())
    if (inspected.kind === 'rejected') return
    for (const envelope of inspected.envelopes) {
      if (this.#queuedBytes + envelope.bytes.length > MAX_INBOUND_QUEUE_BYTES) {
        refuse(this.#context, 'overloaded')
        return
      }
      this.#queuedBytes += envelope.bytes.length
      this.#queue.push(detachOutline(envelope))
    }
    this.#begin()
  }

  #begin(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      // What came in between the last look at the queue and this moment.
      if (this.#queue.length > 0 && !this.#context.state.closed) this.#begin()
    })
  }

  /** Resolves when everything received so far was opened. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#context.state.closed) {
      const round = this.#queue.splice(0, MAX_INBOUND_ROUND)
      for (const { bytes } of round) this.#queuedBytes -= bytes.length
      try {
        await this.#open(round)
      } catch (error) {
        // The store failed: nothing was acknowledged, so everything comes again.
        this.#context.onFailure('receive', error)
      }
    }
  }

  /** Open what is recognised; then what is recognised because of that, as a long burst reaches past its window. */
  async #open(round: readonly EnvelopeOutline[]): Promise<void> {
    let unknown = await this.#openKnown(round)
    for (let before = round.length; unknown.length > 0 && unknown.length < before;) {
      before = unknown.length
      unknown = await this.#openKnown(unknown)
    }
    for (const outline of unknown) this.#isRepeat(outline)
  }

  /** Open those that a tag or a lane says are for us; resolves with the others. */
  async #openKnown(round: readonly EnvelopeOutline[]): Promise<readonly EnvelopeOutline[]> {
    const matched = new Map<IdentityId, MatchedEnvelope[]>()
    const hellos: (() => Promise<void>)[] = []
    const unknown: EnvelopeOutline[] = []
    for (const outline of round) {
      const match = outline.lane === LANE_OPEN ? undefined : this.#context.tags.find(outline.tag)
      if (outline.lane === LANE_OPEN || match?.kind === 'invited') {
        const hello = this.#helloOf(outline, match)
        if (hello !== undefined) hellos.push(hello)
      } else if (match === undefined) unknown.push(outline)
      else matched.set(match.contactId, [...(matched.get(match.contactId) ?? []), { outline, match }])
    }
    // One after the other: two people must not use one invite at once.
    for (const hello of hellos) await hello()
    await Promise.all(
      [...matched].map(([contactId, envelopes]) => receiveEnvelopes(this.#context, contactId, envelopes))
    )
    return unknown
  }

  /** How to take in a hello, unless it was taken in before or too many of strangers come. */
  #helloOf(outline: EnvelopeOutline, match: Recognised | undefined): (() => Promise<void>) | undefined {
    if (this.#isRepeat(outline)) return undefined
    if (match?.kind === 'invited') {
      return () => receiveInvitedHello(this.#context, outline, match.secret, match.count)
    }
    return this.#mayTryOpenHello() ? () => receiveOpenHello(this.#context, outline) : undefined
  }

  /** Whether the envelope was decrypted before; then its sender lacks our receipt. */
  #isRepeat(outline: EnvelopeOutline): boolean {
    const contactId = this.#context.seen.find(hashOf(outline.bytes))
    if (contactId === undefined) return false
    this.#context.owesReceipt(contactId)
    return true
  }

  #mayTryOpenHello(): boolean {
    const now = this.#context.clock.now()
    if (now - this.#refilledAt >= 1000 || now < this.#refilledAt) {
      this.#refilledAt = now
      this.#openHellos = MAX_OPEN_HELLOS_PER_SECOND
    }
    return this.#openHellos-- > 0
  }
}

import type { IdentityId } from '../../codec/ids.js'
import { MessengerError } from '../../errors.js'
import type { PeerName } from '../../network/network.js'
import {
  detachOutline,
  LANE_OPEN,
  outlineEnvelope,
  type EnvelopeOutline
} from '../../protocol/envelope/envelope.js'
import { inspectParcel } from '../../protocol/envelope/inspect.js'
import { isPaid } from '../../protocol/handshake/hello.js'
import { envelopeId, shortIdKey } from '../../protocol/sync/item.js'
import {
  MAX_INBOUND_QUEUE_BYTES,
  MAX_INBOUND_ROUND,
  MAX_OPEN_HELLOS_PER_SECOND
} from '../../protocol/limits.js'
import type { Context } from '../context.js'
import { Timers } from '../timers.js'
import { receiveInvitedHello, receiveOpenHello } from './receive-hello.js'
import { receiveEnvelopes, refuse, type MatchedEnvelope } from './receive.js'
import { hashOfId } from './seen.js'
import type { Recognised } from './tag-index.js'

/** When what lies in the mailbox is opened again after the store has failed, ms. */
const OPEN_AGAIN = 1_000
/** When open hellos that had no turn have another, ms: their number is bounded by the second. */
const NEXT_TURN = 1_000
/** Share of what may wait that they may take, or a flood of them would keep out all else. */
const LATE_SHARE = 1 / 4

/** An envelope that came in, and how. */
interface Incoming {
  readonly outline: EnvelopeOutline
  readonly id: Uint8Array
  readonly from: PeerName
  readonly via: 'gossip' | 'reconciliation' | 'mailbox'
  /** It is kept, and was not known before. */
  readonly onTaken?: () => void
}

/** What came of envelopes that were handed over. */
export interface Admission {
  /** Those that were new here and are kept. */
  readonly fresh: readonly Uint8Array[]
  /** How many may not travel. */
  readonly refused: number
}

/**
 * Envelopes on their way from the network to the conversations: a bounded queue, opened round by round. A round is recognised after the one before
 * was committed, so the tags it is looked up under are those of the sessions as they are.
 */
export class Inbound {
  readonly #context: Context
  readonly #maxQueuedBytes: number
  readonly #queue: Incoming[] = []
  #queuedBytes = 0
  /** Rounds that could not be stored. */
  #failures = 0
  #running: Promise<void> | undefined
  #opened = 0
  /** Open hellos of this round that had no turn, by id. */
  readonly #untried = new Map<string, Incoming>()
  /** Those of earlier rounds. */
  readonly #late = new Set<Incoming>()
  #lateBytes = 0
  /** Resolves when they are in the queue again, or are to be no more. */
  #nextTurn: Promise<void> | undefined
  #endTurn: () => void = () => undefined
  readonly #timers: Timers
  #openHellos = MAX_OPEN_HELLOS_PER_SECOND
  #refilledAt = 0

  /** A test may set another bound for the bytes that wait. */
  constructor(context: Context, maxQueuedBytes = MAX_INBOUND_QUEUE_BYTES) {
    this.#context = context
    this.#maxQueuedBytes = maxQueuedBytes
    this.#timers = new Timers(context.clock)
  }

  /** Envelopes that were for this device and could be opened, since the start. */
  get opened(): number {
    return this.#opened
  }

  /** Take in a parcel that passed inspection, from a peer of the topic. */
  receive(parcel: Uint8Array, from: PeerName): void {
    const inspected = inspectParcel(parcel, this.#context.clock.now())
    if (inspected.kind === 'rejected') return
    for (const outline of inspected.envelopes) {
      if (!this.#hasRoom(outline)) {
        refuse(this.#context, 'overloaded')
        break
      }
      const detached = detachOutline(outline)
      this.#push({ outline: detached, id: envelopeId(detached.bytes), from, via: 'gossip' })
    }
    this.#begin()
  }

  /**
   * Take in envelopes that were asked of a peer, or lay in a file. Resolves, when they are opened and stored, with those that were new here; what may
   * not travel is dropped. Rejects with `STORE_FAILED`, or with `CLOSED` if the messenger is closed meanwhile, as nothing is worked off then.
   * Who can give them once only is patient: then it waits for the turn of every open hello, too.
   */
  async admit(
    envelopes: readonly Uint8Array[],
    from: PeerName,
    { isPatient = false }: { readonly isPatient?: boolean } = {}
  ): Promise<Admission> {
    const fresh: Uint8Array[] = []
    const own: Incoming[] = []
    let refused = 0
    const failures = this.#failures
    for (const bytes of envelopes) {
      const outlined = outlineEnvelope(bytes, this.#context.clock.now())
      if (outlined.kind === 'rejected' || (outlined.outline.lane === LANE_OPEN && !isPaid(bytes))) {
        refuse(this.#context, outlined.kind === 'rejected' ? outlined.reason : 'unpaid')
        refused++
        continue
      }
      // Waits its turn: who asked has bounded how much comes.
      while (!this.#hasRoom(outlined.outline)) {
        this.#mustBeOpen()
        await this.#running
      }
      const onTaken = (): void => void fresh.push(bytes)
      const { outline } = outlined
      const incoming = { outline, id: envelopeId(bytes), from, via: 'reconciliation', onTaken } as const
      own.push(incoming)
      this.#push(incoming)
      this.#begin()
    }
    await this.idle()
    while (isPatient && own.some((incoming) => this.#late.has(incoming))) {
      await this.#nextTurn
      await this.idle()
    }
    this.#mustBeOpen()
    await this.#context.mailbox.flush()
    if (this.#failures !== failures) throw new MessengerError('STORE_FAILED', 'What came could not be stored')
    return { fresh, refused }
  }

  /** Look again at envelopes kept under a tag that is waited for now: any number, for anybody may have copied the tag of one. */
  async reopen(tag: Uint8Array): Promise<void> {
    const { mailbox, clock, state } = this.#context
    for (const item of mailbox.withTag(tag)) {
      const bytes = await mailbox.read(item)
      const outlined = bytes === undefined ? undefined : outlineEnvelope(bytes, clock.now())
      if (outlined?.kind !== 'outlined') continue
      while (!this.#hasRoom(outlined.outline)) {
        if (state.closed) return
        this.#begin()
        await this.#running
      }
      this.#push({ outline: outlined.outline, id: item.id, from: '', via: 'mailbox' })
    }
    this.#begin()
  }

  #mustBeOpen(): void {
    if (this.#context.state.closed)
      throw new MessengerError('CLOSED', 'The messenger was closed before all was taken; give it once more')
  }

  #hasRoom({ bytes }: EnvelopeOutline): boolean {
    return this.#queuedBytes + bytes.length <= this.#maxQueuedBytes
  }

  #push(incoming: Incoming): void {
    this.#queuedBytes += incoming.outline.bytes.length
    this.#queue.push(incoming)
  }

  #begin(): void {
    if (this.#queue.length === 0) return
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
      for (const { outline } of round) this.#queuedBytes -= outline.bytes.length
      try {
        if (await this.#open(round)) this.#keep(this.#tried(round))
        this.#putOff()
      } catch (error) {
        // The store failed: nothing was acknowledged, so everything comes again, but for what was here.
        this.#failures++
        this.#openAgain(round.filter(({ via }) => via === 'mailbox'))
        this.#context.onFailure('receive', error)
      }
      this.#untried.clear()
    }
  }

  /** But for copies of what had no turn, and that itself. Mostly there is none, and then no id is made a key. */
  #tried(round: readonly Incoming[]): readonly Incoming[] {
    if (this.#untried.size === 0) return round
    return round.filter(({ id }) => !this.#untried.has(shortIdKey(id)))
  }

  /** What had no turn comes into the queue again. It is not kept until then: it would not come again, should this process end before. */
  #putOff(): void {
    for (const incoming of this.#untried.values()) {
      const { length } = incoming.outline.bytes
      if (this.#lateBytes + length > this.#maxQueuedBytes * LATE_SHARE) {
        refuse(this.#context, 'overloaded')
        break
      }
      this.#lateBytes += length
      this.#late.add(incoming)
    }
    if (this.#late.size === 0) return
    this.#nextTurn ??= new Promise((resolve) => {
      this.#endTurn = resolve
      this.#timers.after(NEXT_TURN, () => {
        this.#nextTurn = undefined
        for (const incoming of this.#late) this.#push(incoming)
        this.#late.clear()
        this.#lateBytes = 0
        this.#begin()
        resolve()
      })
    })
  }

  /** The messenger is closed, and nothing is worked off any more. */
  close(): void {
    this.#timers.cancel()
    this.#late.clear()
    this.#endTurn()
  }

  #openAgain(kept: readonly Incoming[]): void {
    if (kept.length === 0) return
    if (this.#context.state.closed) return
    this.#timers.after(OPEN_AGAIN, () => {
      for (const incoming of kept) this.#push(incoming)
      this.#begin()
    })
  }

  /** Open all that is for us; `false` if that could not be told before the end: then nothing is kept, or it would not be looked at again. */
  async #open(round: readonly Incoming[]): Promise<boolean> {
    let unknown = await this.#openAll(withoutCopies(round))
    const { completion } = this.#context.tags
    if (unknown.length > 0 && completion !== undefined) {
      await completion
      if (this.#context.state.closed) return false
      unknown = await this.#openAll(unknown)
    }
    for (const incoming of unknown) this.#isRepeat(incoming)
    return true
  }

  /** Open what is recognised; then what is recognised because of that, as a long burst reaches past its window. Resolves with the others. */
  async #openAll(round: readonly Incoming[]): Promise<readonly Incoming[]> {
    let unknown = await this.#openKnown(round)
    for (let before = round.length; unknown.length > 0 && unknown.length < before;) {
      before = unknown.length
      unknown = await this.#openKnown(unknown)
    }
    return unknown
  }

  /** Carry what came, for whomever it is; told to who gave it, once it is stored. */
  #keep(round: readonly Incoming[]): void {
    const { mailbox, state } = this.#context
    for (const { outline, id, from, via, onTaken } of round) {
      if (via === 'mailbox') continue
      const standing = state.contactPeers.has(from) ? 'contact' : 'stranger'
      if (mailbox.take(outline, id, from, standing)) onTaken?.()
      if (via === 'gossip') this.#context.heardInGossip({ day: outline.expiryDay, id }, from)
    }
  }

  /** Open those that a tag or a lane says are for us; resolves with the others. */
  async #openKnown(round: readonly Incoming[]): Promise<readonly Incoming[]> {
    const matched = new Map<IdentityId, MatchedEnvelope[]>()
    const hellos: (() => Promise<boolean>)[] = []
    const unknown: Incoming[] = []
    for (const incoming of round) {
      const { outline, id } = incoming
      const match = outline.lane === LANE_OPEN ? undefined : this.#context.tags.find(outline.tag)
      if (outline.lane === LANE_OPEN || match?.kind === 'invited') {
        const hello = this.#helloOf(incoming, match)
        if (hello !== undefined) hellos.push(hello)
      } else if (match === undefined) unknown.push(incoming)
      else matched.set(match.contactId, [...(matched.get(match.contactId) ?? []), { outline, id, match }])
    }
    // One after the other: two people must not use one invite at once.
    for (const hello of hellos) if (await hello()) this.#opened++
    await Promise.all(
      [...matched].map(async ([contactId, envelopes]) => {
        const opened = await receiveEnvelopes(this.#context, contactId, envelopes)
        this.#opened += opened
      })
    )
    return unknown
  }

  /** How to take in a hello, unless it was taken in before, or too many of strangers come and it has to wait. */
  #helloOf(incoming: Incoming, match: Recognised | undefined): (() => Promise<boolean>) | undefined {
    if (this.#isRepeat(incoming)) return undefined
    const { outline } = incoming
    if (match?.kind === 'invited') {
      return () => receiveInvitedHello(this.#context, outline, match.secret, match.count)
    }
    if (this.#mayTryOpenHello()) return () => receiveOpenHello(this.#context, outline)
    this.#untried.set(shortIdKey(incoming.id), incoming)
    return undefined
  }

  /** Whether the envelope was decrypted before; then its sender lacks our receipt, if it comes from there. */
  #isRepeat({ id, via }: Incoming): boolean {
    const contactId = this.#context.seen.find(hashOfId(id))
    if (contactId === undefined) return false
    if (via !== 'mailbox') this.#context.owesReceipt(contactId)
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

/** The first of each: a copy that came another way is for nobody once that was opened, and would count as refused. */
function withoutCopies(round: readonly Incoming[]): readonly Incoming[] {
  const ids = new Set<string>()
  return round.filter(({ id }) => {
    const key = shortIdKey(id)
    const isFirst = !ids.has(key)
    ids.add(key)
    return isFirst
  })
}

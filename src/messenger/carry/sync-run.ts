import type { PeerName, PeerStream } from '../../network/network.js'
import {
  MAX_ENVELOPE_BYTES,
  MAX_SYNC_ASKED,
  MAX_SYNC_SESSIONS,
  SYNC_CREDIT,
  SYNC_SILENCE,
  SYNC_TRANSFER_SILENCE,
  SYNC_UNREAD
} from '../../protocol/limits.js'
import { tagOf } from '../../protocol/envelope/envelope.js'
import { encodeFrame, givenBytes, SECRETS_PER_FRAME, type Given } from '../../protocol/sync/frames.js'
import type { ItemView } from '../../protocol/sync/item-index.js'
import { shortIdKey, type Item } from '../../protocol/sync/item.js'
import type { Offer } from '../../protocol/sync/reconcile.js'
import { SaltedView } from '../../protocol/sync/salted-view.js'
import {
  acknowledge,
  askFor,
  awaitSync,
  finish,
  give,
  isOver,
  mayFinish,
  openSync,
  receiveFrame,
  type SyncEvent,
  type SyncSession
} from '../../protocol/sync/session.js'
import { Arrivals, type Stored } from './arrivals.js'
import type { Context } from '../context.js'
import { pause } from '../turns.js'
import { FramePace } from './frame-pace.js'

/** Wait until a peer's budget is looked at again, ms. */
const BUDGET_LOOK = 1_000
/** Ids asked for at once, and how many of them must have come before more are. */
const ASKED_AHEAD = MAX_SYNC_ASKED / 2
const ASK_AGAIN = MAX_SYNC_ASKED / 4

/** What a session works with beside the context. */
export interface SyncParts {
  readonly context: Context
  /** Opens and stores envelopes; resolves with those that are new. */
  admit(envelopes: readonly Uint8Array[], from: PeerName): Promise<readonly Uint8Array[]>
  /** Short ids being fetched in any session now. */
  readonly fetching: Set<string>
  /** Bytes that may be given to the peer now. */
  allowance(peer: PeerName): number
  spend(peer: PeerName, bytes: number): void
  /** Whether so many ids may be hashed for a salt of the peer's; if so, they are counted. */
  takesSalt(peer: PeerName, items: number): boolean
  /** How much of the news of what has arrived a peer was told. */
  readonly told: Map<PeerName, number>
  onFresh(envelopes: readonly Uint8Array[]): void
}

/** What a session came to. */
export interface SyncOutcome {
  readonly received: number
  readonly given: number
  /** Whether everything was compared; if not, another session goes on. */
  readonly isWhole: boolean
}

/** One session with a peer, from its first frame to its last. */
export class SyncRun {
  readonly #parts: SyncParts
  readonly #stream: PeerStream
  #session: SyncSession
  readonly #salted = new Map<string, ItemView>()
  readonly #wants: Offer[] = []
  /** How many of those were asked for or passed over: thousands are not moved up for each. */
  #asked = 0
  /** Named by the peer and being fetched from another. */
  readonly #deferred: Offer[] = []
  readonly #mine = new Set<string>()
  readonly #lacking = new Set<string>()
  /** Given, and not known to be stored. */
  readonly #unstored: { readonly item: Item; readonly bytes: number }[] = []
  #ownAtStart: readonly Item[] = []
  readonly #arrivals: Arrivals
  readonly #secrets: Uint8Array[] = []
  readonly #pace = new FramePace()
  #received = 0
  #given = 0
  #storedBytes = 0

  constructor(parts: SyncParts, stream: PeerStream, side: 'opener' | 'taker') {
    this.#parts = parts
    this.#stream = stream
    this.#session = { ...awaitSync(), side }
    this.#arrivals = new Arrivals((envelopes) => this.#admit(envelopes))
  }

  /** Whether the other side's hello has come. */
  get isGreeted(): boolean {
    return this.#session.phase !== 'greeting'
  }

  /** Run to the end. Rejects if the stream breaks or ends before, the other side is silent for too long or breaks the protocol; what was taken stays. */
  async run(salt?: Uint8Array): Promise<SyncOutcome> {
    try {
      await this.#tellNews()
      if (this.#session.side === 'opener') {
        const mailbox = await this.#written()
        const opened = openSync(this.#viewOf(salt), mailbox.isCarrier, salt, this.#credit())
        this.#session = opened.session
        await mailbox.flush()
        await this.#send(opened.frame)
      }
      while (!isOver(this.#session)) {
        const event = await this.#next()
        // A link that closes ends its streams in good order.
        if (event === undefined) throw new Error('The stream ended before the session was over')
        this.#mustAfford(0)
        if (event instanceof Uint8Array) await this.#take(event)
        else await this.#acknowledge(event)
        await this.#answer()
      }
      await this.#whileRead(this.#stream.close())
      this.#confirmAll()
      return { received: this.#received, given: this.#given, isWhole: this.#session.isWhole }
    } catch (error) {
      this.#stream.abort()
      throw error
    } finally {
      await this.#arrivals.settled()
      for (const key of this.#mine) this.#parts.fetching.delete(key)
    }
  }

  /** A frame, for which the other side has so long, or what has been stored meanwhile; `undefined` if the other side says no more. */
  async #next(): Promise<Uint8Array | Stored | undefined> {
    const { clock } = this.#parts.context
    const isMoving = this.#session.asked.size > 0 || this.#unstored.length > 0
    const cancel = clock.schedule(isMoving ? SYNC_TRANSFER_SILENCE : SYNC_SILENCE, () => {
      // While something is being stored here, the other side may be waiting for us.
      if (this.#arrivals.storing === undefined) this.#stream.abort()
    })
    try {
      return await this.#arrivals.next(() => this.#stream.receive())
    } finally {
      cancel()
    }
  }

  async #take(frame: Uint8Array): Promise<void> {
    const mailbox = await this.#written()
    const step = receiveFrame(this.#session, frame, {
      viewOf: (salt) => this.#viewOf(salt),
      carrier: mailbox.isCarrier,
      takesSalt: () => this.#parts.takesSalt(this.#stream.peer, mailbox.index.size),
      maxBytes: this.#pace.bytes,
      credit: this.#credit()
    })
    if (step.kind === 'rejected')
      throw new Error(`The peer breaks the protocol of reconciliation: ${step.reason}`)
    this.#session = step.session
    this.#pace.answered(step.event.kind, this.#parts.context.clock.now())
    // What came while the rest was written has been compared, too.
    if (step.frames.length > 0) await mailbox.flush()
    for (const answer of step.frames) await this.#send(answer)
    this.#follow(step.event)
  }

  /** The mailbox, all of it durable: whoever compares with us takes what we do not lack for held. What cannot be written is not in it any more. */
  async #written(): Promise<Context['mailbox']> {
    const { mailbox, onFailure } = this.#parts.context
    await mailbox.flush().catch((error: unknown) => {
      onFailure('mailbox', error)
    })
    return mailbox
  }

  #follow(event: SyncEvent): void {
    switch (event.kind) {
      case 'greeted':
        this.#ownAtStart = this.#parts.context.holders.items()
        return
      case 'compared':
        for (const { id } of event.lacking) this.#lacking.add(shortIdKey(id))
        this.#wants.push(...event.wanted.map(({ number, id }) => ({ number, id: id.slice() })))
        return
      case 'given':
        // It was asked for.
        this.#parts.context.budget.spend(event.bytes)
        this.#arrivals.add(event.envelopes, event.bytes)
        return
      case 'stored':
        this.#stored(event.bytes)
        return
      case 'purged':
        for (const secret of event.secrets) this.#parts.context.mailbox.purge(secret.slice())
        return
      case 'asked':
      case 'done':
    }
  }

  /** Say whatever is to be said now. */
  async #answer(): Promise<void> {
    await this.#give()
    await this.#ask()
    if (this.#secrets.length > 0) await this.#sendSecrets()
    if (!mayFinish(this.#session) || this.#hasWants || this.#deferred.length > 0) return
    const { session, frame } = finish(this.#session)
    this.#session = session
    await this.#send(frame)
  }

  get #hasWants(): boolean {
    return this.#asked < this.#wants.length
  }

  /** Ask for what is lacked, the first named first. */
  async #ask(): Promise<void> {
    const offers: Offer[] = []
    const room = ASKED_AHEAD - this.#session.asked.size
    if (room < ASK_AGAIN && this.#session.asked.size > 0) return
    while (offers.length < room) {
      const offer = this.#wants[this.#asked]
      if (offer === undefined) break
      this.#asked++
      const isFetched = this.#parts.fetching.has(shortIdKey(offer.id))
      if (isFetched && !this.#mine.has(shortIdKey(offer.id))) this.#deferred.push(offer)
      else if (this.#isWanted(offer)) offers.push(offer)
    }
    if (offers.length === 0 && this.#session.asked.size === 0 && !this.#hasWants) this.#takeDeferred(offers)
    if (offers.length === 0) return
    for (const { id } of offers) {
      this.#mine.add(shortIdKey(id))
      this.#parts.fetching.add(shortIdKey(id))
    }
    const { session, frame } = askFor(this.#session, offers)
    this.#session = session
    await this.#send(frame)
  }

  /** What another session was to fetch and has not: it comes twice at worst. */
  #takeDeferred(offers: Offer[]): void {
    // Mostly it has fetched them. To ask for none and leave some would have this session wait for nothing.
    while (offers.length === 0 && this.#deferred.length > 0)
      offers.push(...this.#deferred.splice(0, ASKED_AHEAD).filter((offer) => this.#isWanted(offer)))
  }

  #isWanted({ id }: Offer): boolean {
    const { mailbox } = this.#parts.context
    const secret = mailbox.purged.ofId(id)
    if (secret !== undefined) this.#secrets.push(secret)
    return secret === undefined && !mailbox.hasShortId(id)
  }

  async #sendSecrets(): Promise<void> {
    const secrets = this.#secrets.splice(0, SECRETS_PER_FRAME)
    await this.#send(encodeFrame({ kind: 'purge', secrets }))
  }

  /** What came to be known as arrived since the last session with this peer. */
  async #tellNews(): Promise<void> {
    const { told, context } = this.#parts
    const news = context.mailbox.purged.newsAfter(told.get(this.#stream.peer) ?? 0, SECRETS_PER_FRAME)
    if (news.secrets.length > 0) await this.#send(encodeFrame({ kind: 'purge', secrets: news.secrets }))
    told.set(this.#stream.peer, news.seen)
  }

  /** Give what was asked for, as far as credit and the peer's budget go. */
  async #give(): Promise<void> {
    while (this.#session.owed.length > 0) {
      const given = await this.#nextGiven()
      if (given.length === 0) return
      const step = give(this.#session, given)
      this.#session = step.session
      await this.#send(step.frame)
    }
  }

  async #nextGiven(): Promise<Given[]> {
    const { context } = this.#parts
    const given: Given[] = []
    let bytes = 0
    let frameBytes = 0
    for (const number of this.#pressingFirst()) {
      const item = this.#session.named[number]
      const size = item === undefined ? 0 : context.mailbox.bytesOf(item)
      frameBytes += givenBytes(size)
      const isFull = given.length > 0 && frameBytes > this.#pace.bytes
      if (isFull || size + bytes > this.#session.credit) break
      await this.#afford(size)
      const envelope = item === undefined || size === 0 ? undefined : await context.mailbox.read(item)
      if (item === undefined || envelope === undefined) {
        given.push({ number })
        continue
      }
      bytes += envelope.length
      this.#unstored.push({ item, bytes: envelope.length })
      context.mailbox.forwarded(item)
      given.push({ number, envelope })
    }
    this.#given += given.filter(({ envelope }) => envelope !== undefined).length
    return given
  }

  /** What is owed: of ours the most pressing first, then as it was asked for. */
  #pressingFirst(): readonly number[] {
    const { named, owed } = this.#session
    const { holders } = this.#parts.context
    const ranked = owed.map((number) => {
      const item = named[number]
      return { number, rank: item === undefined ? 0 : holders.rankOf(item.id) }
    })
    return ranked.sort((one, other) => other.rank - one.rank).map(({ number }) => number)
  }

  /** What the budget has room for ends a session; what was not given or taken is for another. */
  #mustAfford(bytes: number): void {
    if (!this.#parts.context.budget.allows('foreign', bytes)) throw new Error('The budget is used up')
  }

  /** Bytes that the peer may give before some are stored: with a small budget no more than it has room for. */
  #credit(): number {
    const room = Math.floor(this.#parts.context.budget.room('foreign') / MAX_SYNC_SESSIONS)
    return Math.min(SYNC_CREDIT, Math.max(MAX_ENVELOPE_BYTES, room))
  }

  /** Wait until the peer's budget allows so much more. */
  async #afford(bytes: number): Promise<void> {
    const { context, allowance, spend } = this.#parts
    this.#mustAfford(bytes)
    while (allowance(this.#stream.peer) < bytes) await pause(context.clock, BUDGET_LOOK)
    spend(this.#stream.peer, bytes)
  }

  async #admit(envelopes: readonly Uint8Array[]): Promise<void> {
    const { admit, onFresh } = this.#parts
    const fresh = await admit(envelopes, this.#stream.peer)
    this.#received += fresh.length
    if (fresh.length > 0) onFresh(fresh)
  }

  async #acknowledge({ envelopes, bytes }: Stored): Promise<void> {
    const { context } = this.#parts
    this.#arrivals.goOn()
    for (const envelope of envelopes) {
      // One that has long arrived: its carrier may let go of it.
      const secret = context.mailbox.purged.ofTag(tagOf(envelope))
      if (secret !== undefined) this.#secrets.push(secret)
    }
    this.#mustAfford(bytes)
    const step = acknowledge(this.#session, bytes)
    this.#session = step.session
    await this.#send(step.frame)
    context.logger.debug('envelopes taken over', { count: envelopes.length })
  }

  /** The peer has stored so much of what it was given: it holds that now. */
  #stored(bytes: number): void {
    const { context } = this.#parts
    this.#storedBytes += bytes
    const held: Uint8Array[] = []
    for (let first = this.#unstored[0]; first !== undefined; first = this.#unstored[0]) {
      if (first.bytes > this.#storedBytes) break
      this.#storedBytes -= first.bytes
      this.#unstored.shift()
      held.push(first.item.id)
      this.#lacking.delete(shortIdKey(first.item.id))
    }
    // Who carries nothing has looked whether it is for itself, and let go of it.
    if (this.#session.carrier) context.holders.confirm(this.#stream.peer, held)
  }

  /** All was compared: of what was here at the beginning, the peer holds what it has not said it lacks. */
  #confirmAll(): void {
    if (!this.#session.isWhole || !this.#session.carrier) return
    const held = this.#ownAtStart.map(({ id }) => id).filter((id) => !this.#lacking.has(shortIdKey(id)))
    this.#parts.context.holders.confirm(this.#stream.peer, held)
  }

  async #send(frame: Uint8Array): Promise<void> {
    this.#pace.sent(this.#parts.context.clock.now())
    await this.#whileRead(this.#stream.send(frame))
  }

  /** Who reads nothing, so that the stream takes no more, is not waited for without end. */
  async #whileRead(taken: Promise<void>): Promise<void> {
    const cancel = this.#parts.context.clock.schedule(SYNC_UNREAD, () => {
      this.#stream.abort()
    })
    await taken.finally(cancel)
  }

  #viewOf(salt: Uint8Array | undefined): ItemView {
    const { index } = this.#parts.context.mailbox
    if (salt === undefined) return index
    const key = shortIdKey(salt)
    const view = this.#salted.get(key) ?? new SaltedView(index, salt)
    this.#salted.set(key, view)
    return view
  }
}

import type { IdentityId } from '../../codec/ids.js'
import { expiryDay, tagOf } from '../../protocol/envelope/envelope.js'
import { DAY_MS, DEFAULT_LIFETIME_DAYS, NEXT_TAG_WINDOW } from '../../protocol/limits.js'
import type { Session } from '../../protocol/ratchet/session.js'
import { envelopeId, type Item } from '../../protocol/sync/item.js'
import type { ConversationRecord } from '../../storage/records/conversation-record.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { withConversation, type PeerState } from '../peer-state.js'
import { enqueueProfile } from '../contacts/profile.js'
import { sealPayload, sendingSession } from '../send/seal.js'
import { listeners } from '../status.js'

/** How long a receipt waits for more to acknowledge, ms: short against a person's patience, long against a burst. */
const COLLECT = 25
/** Messages after which a receipt waits no longer: a quarter of what a sender may have under way. */
const URGENT = 250
/**
 * Receipts in a row before something that is repeated until it arrives. A receipt is not repeated: if more were lost in a row than the
 * recipient looks ahead, it would never recognise anything of ours again. Half of that, for what else may be lost.
 */
const MAX_UNANCHORED = NEXT_TAG_WINDOW / 2

/** How often a receipt is sent again, byte for byte, while it would say nothing new; then another is made, as the first may be useless. */
const MAX_REPEATS = 8
/** For how long, ms: less than an envelope lives. */
const MAX_REPEAT_AGE = DAY_MS

/**
 * When a receipt that says something was read is sent again unasked, ms after the time before. Nobody else would ask for it: the message
 * was acknowledged long since.
 */
const TELL_READ_AGAIN = [2_000, 15_000, 120_000, 900_000]
/** Wait after a receipt could not be stored, ms. */
const AFTER_FAILURE = 5_000

/** The last receipt of a contact, and what it was made of. */
interface LastReceipt {
  readonly envelope: Uint8Array
  readonly streams: ConversationRecord['streams']
  readonly sessionId: Uint8Array
  readonly at: number
  repeats: number
}

/** Receipts sealed since the last message that is repeated, of which there were `anchors` in all. */
interface Run {
  readonly anchors: number
  readonly receipts: number
}

/** Who is owed a receipt, and when it is made. */
export class Receipts {
  readonly #context: Context
  readonly #owed = new Map<IdentityId, number>()
  readonly #runs = new Map<IdentityId, Run>()
  readonly #last = new Map<IdentityId, LastReceipt>()
  /** The newest receipt to each contact that is in the mailbox. */
  readonly #kept = new Map<IdentityId, Item>()
  #cancel: (() => void) | undefined
  /** What cancels the wait of those whose receipt could not be stored. */
  readonly #failed = new Map<IdentityId, () => void>()
  /** What cancels the next unasked repetition. */
  readonly #repetitions = new Map<IdentityId, () => void>()

  constructor(context: Context) {
    this.#context = context
  }

  /** Something of this contact was stored or came again. What is pressing does not wait for more. */
  owe(contactId: IdentityId, isPressing = false): void {
    if (this.#failed.has(contactId) && !isPressing) return
    const count = (this.#owed.get(contactId) ?? 0) + 1
    this.#owed.set(contactId, count)
    if (isPressing || count === URGENT) this.#send()
    else if (this.#cancel === undefined) this.#wait(COLLECT)
  }

  /** Owe again what the store says is due: after a start, or when somebody is there to hear it. */
  restore(): void {
    for (const [id, { conversation }] of this.#context.queue.states) if (conversation.receiptDue) this.owe(id)
  }

  /** Make now what is due, whether anybody hears it or not: it is kept in the mailbox, and so in what is exported. What cannot be stored is made later. */
  async make(): Promise<void> {
    cancelAll(this.#failed)
    this.restore()
    this.#wait(undefined)
    const owed = [...this.#owed.keys()]
    this.#owed.clear()
    for (const id of owed) await this.#trySendTo(id)
  }

  stop(): void {
    this.#wait(undefined)
    cancelAll(this.#failed)
    cancelAll(this.#repetitions)
  }

  /** A contact was removed. */
  forget(id: IdentityId): void {
    this.#owed.delete(id)
    this.#runs.delete(id)
    this.#last.delete(id)
    this.#kept.delete(id)
    for (const waits of [this.#failed, this.#repetitions]) {
      waits.get(id)?.()
      waits.delete(id)
    }
  }

  #wait(delay: number | undefined): void {
    this.#cancel?.()
    this.#cancel = delay === undefined ? undefined : this.#context.clock.schedule(delay, () => this.#send())
  }

  #send(): void {
    this.#wait(undefined)
    const owed = [...this.#owed.keys()]
    this.#owed.clear()
    // With nobody there a receipt would only use up a key; it stays due in the store.
    if (!this.#context.state.started || listeners(this.#context) === 0) return
    for (const id of owed) void this.#trySendTo(id)
  }

  async #trySendTo(id: IdentityId): Promise<void> {
    try {
      await this.#sendTo(id)
    } catch (error) {
      this.#context.onFailure('receipt', error)
      this.#oweLater(id)
    }
  }

  /** It waits alone: what the others are owed may well be stored. While stopped, it is due in the store until the next start. */
  #oweLater(id: IdentityId): void {
    const { clock, state } = this.#context
    this.#failed.get(id)?.()
    this.#failed.delete(id)
    if (!state.started) return
    const cancel = clock.schedule(AFTER_FAILURE, () => {
      this.#failed.delete(id)
      this.owe(id)
    })
    this.#failed.set(id, cancel)
  }

  async #sendTo(id: IdentityId): Promise<void> {
    const context = this.#context
    await context.queue.run(id, async (unit) => {
      const { state } = unit
      if (state === undefined || state.contact.blocked || state.contact.change !== undefined) return
      const session = sendingSession(context, state, context.clock.now())
      if (this.#repeat(unit, state, session)) return
      const run = this.#runOf(session, id)
      if (run.receipts < MAX_UNANCHORED) await this.#seal(unit, id)
      // A profile is numbered: it goes out again until it is acknowledged, and the receipts ride along.
      else if (context.outbox.roomToSeal(id) > 0) enqueueProfile(context, unit, 'again')
      unit.after(() => {
        this.#runs.set(id, { ...run, receipts: run.receipts + 1 })
      })
    })
  }

  /** Send the last receipt again if a new one would say the same: a key less, and the recipient knows it if it has it. */
  #repeat(unit: Unit, state: PeerState, session: Session | undefined): boolean {
    const { contact, conversation } = state
    const last = this.#last.get(contact.id)
    if (last?.streams !== conversation.streams || last.sessionId !== session?.id) return false
    const age = this.#context.clock.now() - last.at
    if (last.repeats >= MAX_REPEATS || age < 0 || age > MAX_REPEAT_AGE) return false
    if (conversation.receiptDue) unit.state = withConversation(state, { receiptDue: false })
    unit.after(() => {
      last.repeats++
      this.#context.publishOnce(last.envelope, 'receipt')
    })
    return true
  }

  /** Seal a message without content: it carries all receipts, and needs none itself. */
  async #seal(unit: Unit, id: IdentityId): Promise<void> {
    const context = this.#context
    const at = context.clock.now()
    const envelope = await sealPayload(context, unit, [], expiryDay(at, DEFAULT_LIFETIME_DAYS * DAY_MS))
    const { state } = unit
    if (envelope === undefined || state === undefined) return
    const session = sendingSession(context, state, at)
    const { streams } = state.conversation
    const before = this.#last.get(id)?.streams ?? []
    const saysRead = streams.some(
      ({ read }) => read.length > 0 && before.every((known) => known.read !== read)
    )
    // Nobody asks for what was read: until it was said twice it stays due, should this process end.
    unit.state = withConversation(state, { receiptDue: saysRead })
    // Kept like any other, so that it finds its way back through carriers: the newest of a contact, which says all that older ones said.
    const item = { day: expiryDay(at, DEFAULT_LIFETIME_DAYS * DAY_MS), id: envelopeId(envelope) }
    const tag = tagOf(envelope).slice()
    const own = { item, tag, envelope, recipient: id }
    const replaced = this.#kept.get(id) ?? context.mailbox.ownTo(id)[0]
    unit.writes.push(...context.mailbox.ownWrites(own, replaced))
    unit.after(() => {
      context.mailbox.keepOwn(own, replaced)
      this.#kept.set(id, item)
      context.publishOnce(envelope, 'receipt')
      if (session === undefined) return
      const last = { envelope, streams, sessionId: session.id, at, repeats: 0 }
      this.#last.set(id, last)
      if (saysRead) this.#tellReadAgain(id, last, 0)
    })
  }

  #tellReadAgain(id: IdentityId, receipt: LastReceipt, time: number): void {
    this.#repetitions.get(id)?.()
    this.#repetitions.delete(id)
    const delay = TELL_READ_AGAIN[time]
    if (delay === undefined || !this.#context.state.started) return
    const cancel = this.#context.clock.schedule(delay, () => {
      // A newer one has said it meanwhile.
      if (this.#last.get(id) !== receipt) return
      this.#context.publishOnce(receipt.envelope, 'receipt')
      if (time === 0) this.#isSaid(id, receipt)
      this.#tellReadAgain(id, receipt, time + 1)
    })
    this.#repetitions.set(id, cancel)
  }

  /** What a receipt says is due no more, unless there is more to say. */
  #isSaid(id: IdentityId, { streams }: LastReceipt): void {
    this.#context.queue
      .run(id, (unit) => {
        if (unit.state?.conversation.streams !== streams) return
        unit.state = withConversation(unit.state, { receiptDue: false })
      })
      .catch((error: unknown) => {
        this.#context.onFailure('receipt', error)
      })
  }

  /** How many receipts in a row precede the next; after a start only the chain tells, so all of it counts. */
  #runOf(session: Session | undefined, id: IdentityId): Run {
    const anchors = this.#context.outbox.sealedInAll(id)
    const inChain = session?.sending?.next ?? 0
    const known = this.#runs.get(id)
    if (known !== undefined && known.anchors !== anchors) return { anchors, receipts: 0 }
    return { anchors, receipts: Math.min(known?.receipts ?? inChain, inChain) }
  }
}

function cancelAll(waits: Map<IdentityId, () => void>): void {
  for (const cancel of waits.values()) cancel()
  waits.clear()
}

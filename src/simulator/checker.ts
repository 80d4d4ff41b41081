import { encodeHex } from '../codec/hex.js'
import type { IdentityId } from '../codec/ids.js'
import type { Message, MessageStatus } from '../messenger/messenger.js'
import type { PeerName } from '../network/network.js'
import { LANE_TAGGED, PREFIX_BYTES } from '../protocol/envelope/envelope.js'
import { textOf } from './person.js'
import type { WorldEvent } from './surroundings.js'

/** Something that must never happen, and did. */
export interface Violation {
  readonly rule: Rule
  /** World time, epoch ms. */
  readonly at: number
  readonly what: string
}

export type Rule =
  | 'delivered-once'
  | 'delivered-as-sent'
  | 'key-used-once'
  | 'status-only-rises'
  | 'delivered-is-stored'
  | 'sent-is-held'
  | 'acknowledged-is-kept'
  | 'everything-arrives'
  | 'mailboxes-agree'
  | 'mailbox-within-limits'
  | 'identity-stays'
  | 'idle-is-quiet'
  | 'errors-are-known'

/** A text somebody wanted to send. Every text of a run is another. */
export interface Letter {
  readonly text: string
  readonly by: PeerName
  readonly to: PeerName
  /** Whether `send` has resolved: then it must not be lost. */
  isAcknowledged: boolean
  status: MessageStatus | undefined
  isReceived: boolean
}

/** Where the tag of an envelope begins. */
const TAG_OFFSET = 4

/**
 * Bits in which copies of one envelope may differ: the medium flips one each time it garbles a parcel. What a key seals twice differs in half of the
 * 128 bits that authenticate it.
 */
const MAX_GARBLED_BITS = 8

const RANKS: Readonly<Record<MessageStatus, number>> = {
  queued: 0,
  sent: 1,
  expired: 2,
  delivered: 3,
  read: 4
}

/** Watches a run, step by step. Whatever breaks a rule becomes a violation; nothing is thrown, so that a run shows all of them. */
export class Checker {
  readonly violations: Violation[] = []
  readonly letters = new Map<string, Letter>()
  readonly #names = new Map<IdentityId, PeerName>()
  readonly #statuses = new Map<string, MessageStatus>()
  readonly #sealed = new Map<string, { readonly by: PeerName; readonly envelope: Uint8Array }>()
  readonly #held = new Set<string>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Whose id this is. */
  introduce(name: PeerName, id: IdentityId): void {
    this.#names.set(id, name)
  }

  /** Somebody is about to call `send`. */
  attempt(by: PeerName, to: PeerName, text: string): Letter {
    const letter = { text, by, to, isAcknowledged: false, status: undefined, isReceived: false }
    this.letters.set(text, letter)
    return letter
  }

  fail(rule: Rule, what: string): void {
    this.violations.push({ rule, at: this.#now(), what })
  }

  /** An observer of a world. */
  readonly observe = (by: PeerName, event: WorldEvent): void => {
    if (event.kind === 'receive') this.#onReceive(by, event.message)
    else if (event.kind === 'update') this.#onUpdate(by, event.message)
    else if (event.kind === 'publish') this.#onPublish(by, event.envelope)
    else if (event.kind === 'change')
      this.fail('identity-stays', `${by} was told of a change: ${event.change}`)
  }

  #onReceive(by: PeerName, message: Message): void {
    const text = textOf(message)
    const letter = this.letters.get(text)
    const sender = this.#names.get(message.sender)
    if (letter?.to !== by || letter.by !== sender) {
      this.fail('delivered-as-sent', `${by} received '${text}' of ${sender ?? 'nobody'}`)
      return
    }
    if (letter.isReceived) this.fail('delivered-once', `${by} was told of '${text}' again`)
    letter.isReceived = true
  }

  #onUpdate(by: PeerName, message: Message): void {
    const key = `${by} ${message.id}`
    const before = this.#statuses.get(key)
    if (before !== undefined && RANKS[message.status] < RANKS[before]) {
      this.fail('status-only-rises', `${by}'s '${textOf(message)}' fell from ${before} to ${message.status}`)
    }
    this.#statuses.set(key, message.status)
    const letter = this.letters.get(textOf(message))
    if (message.own && letter !== undefined) letter.status = message.status
  }

  /**
   * A tag belongs to one message key of one sender, so two envelopes of one sender with the same tag and other bytes betray a key used
   * twice. The same bytes again are a retransmission, a bit or two of difference a copy that was garbled on its way. Carriers publish what they
   * fetched, such copies too, and so does the author who has forgotten the tag over a restart: a tag is its first publisher's.
   */
  #onPublish(by: PeerName, envelope: Uint8Array): void {
    if (envelope[1] !== LANE_TAGGED) return
    const tag = encodeHex(envelope.subarray(TAG_OFFSET, PREFIX_BYTES))
    const known = this.#sealed.get(tag)
    if (known === undefined) this.#sealed.set(tag, { by, envelope: envelope.slice() })
    else if (known.by === by && differingBits(known.envelope, envelope) > MAX_GARBLED_BITS) {
      this.fail('key-used-once', `two envelopes of ${by} have the tag ${tag}`)
    }
  }

  /** What somebody's history with somebody holds at the end. */
  compare(by: PeerName, other: PeerName, history: readonly Message[]): void {
    const seen = new Set<string>()
    for (const message of history) {
      const text = textOf(message)
      if (seen.has(text)) this.fail('delivered-once', `${by} holds '${text}' of ${other} twice`)
      seen.add(text)
      const letter = this.letters.get(text)
      if (letter === undefined || (message.own ? letter.by : letter.to) !== by) {
        this.fail('delivered-as-sent', `${by} holds '${text}', which was never sent so`)
      } else if (message.own) letter.status = message.status
      else this.#held.add(text)
    }
    for (const letter of this.letters.values()) {
      if (letter.by === by && letter.to === other && letter.isAcknowledged && !seen.has(letter.text))
        this.fail('acknowledged-is-kept', `${by} lost '${letter.text}' to ${other}`)
    }
  }
  /** After all histories: whatever was called delivered, or shown to its recipient, must be held by it. */
  finish(): void {
    for (const { text, by, to, status, isReceived } of this.letters.values()) {
      const isClaimed = isReceived || status === 'delivered' || status === 'read'
      if (isClaimed && !this.#held.has(text))
        this.fail('delivered-is-stored', `${to} does not hold '${text}' of ${by}, ${status ?? 'queued'}`)
    }
  }
}

/** In how many bits two envelopes differ; those of different lengths in all. */
function differingBits(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) return Infinity
  let count = 0
  for (let at = 0; at < one.length; at++) {
    for (let rest = (one[at] ?? 0) ^ (other[at] ?? 0); rest > 0; rest >>= 1) count += rest & 1
  }
  return count
}

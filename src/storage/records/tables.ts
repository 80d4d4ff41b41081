import { encodeHex } from '../../codec/hex.js'
import type { IdentityId } from '../../codec/ids.js'
import type { KeyRange } from '../store.js'

/** Digits of a number in a key, so that numbers sort as text. */
const NUMBER_DIGITS = 14

/** The range of all keys that begin with `prefix`. */
export function keysUnder(prefix: string): KeyRange {
  // Keys are ASCII: nothing sorts between the prefix with `~` and the end of what begins with it.
  return { gte: prefix, lt: `${prefix}~` }
}

/**
 * Where each record lies. What would reveal a contact is blinded with a key of the store, so that the directory of a locked device says
 * how much is in it, not with whom.
 */
export class Tables {
  readonly #blind: (label: string, id: string) => string
  readonly #blinded = new Map<IdentityId, string>()

  readonly own = 'own/identity'
  readonly prekeys = 'own/prekeys'
  readonly continuity = 'own/continuity'
  readonly ledger = 'own/ledger'
  readonly contacts = 'contact/'
  readonly allConversations = 'conversation/'
  readonly allSessions = 'session/'
  readonly allSkipped = 'skipped/'
  readonly allOutboxes = 'outbox/'
  readonly invites = 'invite/'
  readonly hellos = 'hello/'
  readonly seen = 'seen/'
  readonly bundles = 'bundle/'
  readonly mailbox = 'mailbox/'

  constructor(blind: (label: string, id: string) => string) {
    this.#blind = blind
  }

  /** Names of contacts are equally long, so that the tables of contacts and of what belongs to them are in one order. */
  #of(contact: IdentityId): string {
    const known = this.#blinded.get(contact)
    if (known !== undefined) return known
    const blinded = this.#blind('contact', contact)
    this.#blinded.set(contact, blinded)
    return blinded
  }

  contact(contact: IdentityId): string {
    return `${this.contacts}${this.#of(contact)}`
  }

  forgotten(contact: IdentityId): string {
    return `forgotten/${this.#of(contact)}`
  }

  conversation(contact: IdentityId): string {
    return `${this.allConversations}${this.#of(contact)}`
  }

  sessions(contact: IdentityId): string {
    return `${this.allSessions}${this.#of(contact)}/`
  }

  session(contact: IdentityId, sessionId: Uint8Array): string {
    return `${this.sessions(contact)}${encodeHex(sessionId)}`
  }

  skippedOf(contact: IdentityId): string {
    return `${this.allSkipped}${this.#of(contact)}/`
  }

  skippedOfSession(contact: IdentityId, sessionId: Uint8Array): string {
    return `${this.skippedOf(contact)}${encodeHex(sessionId)}/`
  }

  skipped(contact: IdentityId, sessionId: Uint8Array, tag: Uint8Array): string {
    return `${this.skippedOfSession(contact, sessionId)}${encodeHex(tag)}`
  }

  messages(contact: IdentityId): string {
    return `message/${this.#of(contact)}/`
  }

  message(contact: IdentityId, position: string): string {
    return `${this.messages(contact)}${position}`
  }

  outboxOf(contact: IdentityId): string {
    return `${this.allOutboxes}${this.#of(contact)}/`
  }

  outbox(contact: IdentityId, number: number): string {
    return `${this.outboxOf(contact)}${number.toString(16).padStart(NUMBER_DIGITS, '0')}`
  }

  invite(secret: Uint8Array): string {
    return `${this.invites}${this.#blind('invite', encodeHex(secret))}`
  }

  /** An accepted hello, by the id of its session. */
  hello(sessionId: Uint8Array): string {
    return `${this.hellos}${encodeHex(sessionId)}`
  }

  seenOn(day: number, sequence: string): string {
    return `${this.seen}${dayDigits(day)}/${sequence}`
  }

  mailboxOf(day: number): string {
    return `${this.mailbox}${dayDigits(day)}/`
  }

  /** What became of envelopes that expire on a day: the `sequence`-th commit that changed them. */
  mailboxOn(day: number, sequence: number): string {
    return `${this.mailboxOf(day)}${sequence.toString(16).padStart(NUMBER_DIGITS, '0')}`
  }

  /** A kept envelope. */
  envelope(day: number, id: Uint8Array): string {
    return `envelope/${dayDigits(day)}/${encodeHex(id)}`
  }

  /** The range of the envelopes kept of all days before this one. */
  envelopesBefore(day: number): KeyRange {
    return { gte: 'envelope/', lt: `envelope/${dayDigits(day)}` }
  }

  bundle(recordId: Uint8Array): string {
    return `${this.bundles}${encodeHex(recordId)}`
  }
}

/** A day as digits that sort as text. */
function dayDigits(day: number): string {
  return String(day).padStart(5, '0')
}

/** The day and the sequence in the key of a mailbox record. */
export function parseMailboxKey(
  key: string
): { readonly day: number; readonly sequence: number } | undefined {
  const [, day = '', sequence = ''] = key.split('/')
  const parsed = { day: Number.parseInt(day, 10), sequence: Number.parseInt(sequence, 16) }
  return Number.isSafeInteger(parsed.day) && Number.isSafeInteger(parsed.sequence) ? parsed : undefined
}

/** The session id and tag at the end of a skipped key's key. */
export function parseSkippedKey(
  key: string
): { readonly sessionId: string; readonly tag: string } | undefined {
  const parts = key.split('/')
  const [, , sessionId, tag] = parts
  return parts.length === 4 && sessionId !== undefined && tag !== undefined ? { sessionId, tag } : undefined
}

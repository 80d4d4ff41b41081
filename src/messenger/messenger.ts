import type { TypedEventTarget } from 'main-event'
import type { ConversationId, IdentityId, MessageId } from '../codec/ids.js'
import type { LanStatus } from '../network/network.js'
import type { Priority } from '../protocol/message/priority.js'
import type { ContactOrigin, IdentityChange } from '../storage/records/contact-record.js'
import type { RenewalReason } from '../storage/records/continuity-record.js'
import type { Content } from '../storage/records/message-record.js'

/**
 * How far an own message has come; each step is stronger than the last and none is claimed early.
 * `queued`: durable on this device. `sent`: at least one other node has said that it holds it. `delivered`: the recipient's device has
 * committed it and said so under the session's keys. `read`: its user has seen it. `expired`: it was not delivered in
 * its lifetime and is no longer sent.
 */
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'read' | 'expired'

export interface Message {
  readonly id: MessageId
  readonly conversationId: ConversationId
  readonly sender: IdentityId
  /** Whether this device's identity wrote it. */
  readonly own: boolean
  readonly content: Content
  /**
   * How much it matters to its author. Of a received message, what it counts as here: what a stranger says is `routine` whatever it claims, and
   * of a contact ten emergencies an hour count; more are `urgent`.
   */
  readonly priority: Priority
  /** Epoch ms by the sender's clock, clamped to at most a day ahead of ours; for show, never for ordering. */
  readonly sentAt: number
  /** Epoch ms by our clock when it was committed here. */
  readonly storedAt: number
  /** While `sent`: how many other nodes have said that they hold it, as far as known since the start. */
  readonly carriers?: number
  /** For received messages `delivered` until `markRead`, then `read`. */
  readonly status: MessageStatus
  /** Sorts messages of one conversation as text, the same on both sides; a cursor for `before`. */
  readonly position: string
}

export interface Contact {
  readonly id: IdentityId
  /** The name given here, or else the one from the card or profile, or else the start of the id. */
  readonly name: string
  readonly conversationId: ConversationId
  /** How it came to be known: its card was added here, it used an invite of ours, or it found a reusable card of ours. */
  readonly origin: ContactOrigin
  readonly addedAt: number
  /** Whether the safety number was compared and `verify` called. */
  readonly verified: boolean
  readonly blocked: boolean
  /** Why sending is stopped until `acceptChange`: another device key or contradicting bundles under the same identity. */
  readonly change?: IdentityChange
  /** Epoch ms of the last authenticated message or receipt of theirs. */
  readonly heardAt?: number
  /** Whether one of their devices is linked now, or was heard within the last minute and anybody is linked. */
  readonly reachable: boolean
  /** Whether a session exists, or what sending waits for. */
  readonly session: 'none' | 'waiting-for-bundle' | 'handshake' | 'established'
}

export interface Conversation {
  readonly id: ConversationId
  readonly kind: 'direct'
  readonly contactId: IdentityId
  readonly unread: number
  readonly lastMessage?: Message
}

export interface PeerStatus {
  readonly peer: string
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  readonly since: number
  /** The contact behind it, where the contact has told us its addresses. */
  readonly contactId?: IdentityId
  /** Whether it takes part in what is told to everybody here; who does not passes nothing on. */
  readonly takesPart: boolean
  /** How long it last took to answer, ms, where that is known. */
  readonly roundTrip?: number
  /** Epoch ms, when everything here and there was last compared. */
  readonly reconciledAt?: number
}

export interface MessengerStatus {
  readonly started: boolean
  readonly networkName: string
  readonly addresses: readonly string[]
  readonly peers: readonly PeerStatus[]
  /** LAN discovery: absent where the network has none. */
  readonly lan?: LanStatus
  /** Messages not delivered yet, and the oldest one's `sentAt`. */
  readonly outbox: { readonly messages: number; readonly oldest?: number }
  /** Envelopes kept for others and own ones, those of which only the id is known among them. */
  readonly mailbox: MailboxStatus
  /** What this device has sent within the last 60 minutes, bytes, with what it has asked others to send it to carry; and what that means. */
  readonly budget: {
    /** Without a limit only what was sent since the messenger was opened. */
    readonly used: number
    /** `budget.bytesPerHour`, if that was given. */
    readonly limit?: number
    /**
     * What waits because of it, even if it is the smallest envelope: what is done for others first, own messages by
     * their priority, then receipts; emergencies go on until the limit.
     */
    readonly stopped: readonly ('foreign' | 'routine' | 'urgent' | 'receipt' | 'emergency')[]
    /** Epoch ms, when the first of that goes on. */
    readonly roomAt?: number
  }
  /** Whether nothing is done for others because the battery is low: see `power.carryAbove`. */
  readonly resting: boolean
  readonly contacts: number
  readonly storage: 'ok' | 'full' | 'failed'
  /** When and why this device last took a new incarnation, because its store was a copy or damaged; see `identity:copy`. */
  readonly renewal?: { readonly at: number; readonly reason: RenewalReason }
  /**
   * Whether another device goes on from a copy of this store at the same time. Contacts write to the one that was renewed last; what is sent here may
   * never be acknowledged. Close one of the two for good, and call `identity.renew()` on the other.
   */
  readonly contested: boolean
}

/** What reconciling with peers came to. */
export interface SyncReport {
  /** Peers reconciled with. */
  readonly peers: number
  /** Envelopes that are new here. */
  readonly received: number
  readonly given: number
}

export interface SyncOptions {
  readonly signal?: AbortSignal | undefined
  /** Told after each peer, of all so far. */
  readonly onProgress?: ((report: SyncReport) => void) | undefined
}

/** How the mailbox fares. */
export interface MailboxStatus {
  /** Envelopes known; those of which only the id is left among them. */
  readonly envelopes: number
  /** Own ones that are here to be given away. */
  readonly own: number
  /** Those kept for others. */
  readonly foreign: number
  /** Bytes of envelopes kept for others. */
  readonly bytes: number
  readonly quota: number
  /** Known to have arrived, and refused until they expire. */
  readonly purged: number
}

/** Takes a file piece by piece, like the sinks of `it-pipe`; resolves when it has it all, and not before. */
export type ParcelSink = (pieces: AsyncIterable<Uint8Array>) => Promise<unknown>

/** The pieces of a file, of any size: a stream of Node, `file.stream()` in browsers, or an array. */
export type ParcelSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** How far an export came, or what it came to. */
export interface ExportReport {
  /** Envelopes written. */
  readonly envelopes: number
  /** Bytes of the file. */
  readonly bytes: number
  /** Envelopes that did not fit into `maxBytes`. */
  readonly left: number
}

export interface ExportOptions {
  /** Only what is for this contact: unacknowledged messages and receipts, no envelopes of others. */
  readonly contactId?: IdentityId | undefined
  /** Largest file, bytes. What this device has to say itself goes first, the newest before the oldest. Default: no bound. */
  readonly maxBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((report: ExportReport) => void) | undefined
}

/** How far an import came, or what it came to. */
export interface ImportReport {
  /** Bytes of the file. */
  readonly bytes: number
  /** Envelopes in it: the sum of the next three. */
  readonly read: number
  /** New here, and kept. */
  readonly taken: number
  /** Known here before, or arrived where they were to go. */
  readonly known: number
  /** Expired, or no envelopes at all. */
  readonly refused: number
  /** Envelopes for this device that were opened meanwhile. */
  readonly opened: number
  /** Places where the file is not as it was written. */
  readonly damaged: number
  /** Whether the file ends where it should with nothing missing; until then `false`. */
  readonly complete: boolean
}

export interface ImportOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((report: ImportReport) => void) | undefined
}

export interface SendOptions {
  /**
   * What crosses a short contact first, and goes on when the budget of the hour runs out: `emergency` before `urgent` before `routine` (the
   * default). The recipient is told, and nobody else: sealed, all messages look alike. But whoever is handed several sees which come first.
   */
  readonly priority?: Priority | undefined
  /** How long it is sent and carried, ms, at most 28 days. Default: a week. */
  readonly lifetime?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface CardOptions {
  /** `short` (the default, 300 to 400 characters: a comfortable QR code) or `full` (with the prekey bundle: first contact needs nobody else). */
  readonly size?: 'short' | 'full' | undefined
  /** May be used by any number of people: their first message then costs them a second of proof of work. Default false: single use. */
  readonly reusable?: boolean | undefined
  /** Lifetime in ms, at most and by default 30 days. */
  readonly lifetime?: number | undefined
  /** Include this node's current addresses, so that the holder can dial it beyond the LAN. Default true. */
  readonly addresses?: boolean | undefined
}

export interface MessengerEvents {
  'message:receive': CustomEvent<Message>
  'message:update': CustomEvent<Message>
  'contact:update': CustomEvent<Contact>
  'identity:change': CustomEvent<{ readonly contactId: IdentityId; readonly change: IdentityChange }>
  /**
   * This store was found to be a copy, or damaged, or somebody else to go on from one. `renewed`: a new incarnation was taken, and contacts are being told. Else
   * that was done a short while ago and another device still goes on as well: see `MessengerStatus.contested`. What is found while the messenger
   * opens is in its status only.
   */
  'identity:copy': CustomEvent<{ readonly reason: RenewalReason; readonly renewed: boolean }>
  'conversation:update': CustomEvent<Conversation>
  /** Something that arrived was refused, by reason; for field diagnosis, carries nothing of its content. */
  'envelope:reject': CustomEvent<{ readonly reason: string }>
  /** A link to a peer appeared or vanished. */
  'peer:update': CustomEvent<{ readonly peers: number }>
  /** All was compared: with every peer after `sync()`; by itself with one, told if anything was exchanged. */
  'sync:complete': CustomEvent<SyncReport>
  /** The store failed, is full, or works again. */
  'storage:update': CustomEvent<{ readonly storage: MessengerStatus['storage'] }>
}

export interface Messenger extends TypedEventTarget<MessengerEvents> {
  readonly identity: {
    readonly id: IdentityId
    /** The name cards and profiles carry; empty if none was given. */
    readonly name: string
    /** A contact card as a text link `hallig:…`. Single use unless `reusable`. */
    card(options?: CardOptions): Promise<string>
    rename(name: string): Promise<void>
    /** Make fresh prekeys now instead of with the next weekly epoch. Contacts are told with what is sent to them next. */
    rotatePrekeys(): Promise<void>
    /**
     * Take a new incarnation, as after `restored: true`: for an app that learns later that its store is a copy, and to go on as the only one where
     * two did. Sessions begin anew with everybody; without an invite each costs a proof of work.
     */
    renew(): Promise<void>
  }
  readonly contacts: {
    /** Rejects with `CARD_INVALID`, `CARD_EXPIRED`, `CARD_OF_SELF`, `IDENTITY_CHANGED`. Adding a known contact again refreshes it. */
    add(card: string, options?: { readonly name?: string | undefined }): Promise<Contact>
    /** Rejects with `UNKNOWN_CONTACT`. */
    get(id: IdentityId): Promise<Contact>
    list(): Promise<Contact[]>
    rename(id: IdentityId, name: string): Promise<Contact>
    /** Sixty digits in groups of five; equal on both sides exactly when nobody sits between them. */
    safetyNumber(id: IdentityId): Promise<string>
    verify(id: IdentityId, verified?: boolean): Promise<Contact>
    block(id: IdentityId, blocked?: boolean): Promise<Contact>
    /** Trust what `identity:change` reported and send again. Clears `verified`. */
    acceptChange(id: IdentityId): Promise<Contact>
    /** Forget the contact, its conversation and its sessions. */
    remove(id: IdentityId): Promise<void>
  }
  readonly conversations: {
    direct(contactId: IdentityId): Promise<Conversation>
    get(id: ConversationId): Promise<Conversation>
    /** Most recent first. */
    list(): Promise<Conversation[]>
    /**
     * The last `limit` messages before `before` (a `position`; default: the end), oldest first. With `live`, then every message
     * received or sent from there on, until `signal` aborts, the contact is removed, or the messenger closes: the iteration ends then, without
     * an error. It throws `UNKNOWN_CONVERSATION`.
     */
    messages(
      id: ConversationId,
      options?: {
        readonly before?: string | undefined
        /** Default 50; 0 for none. */
        readonly limit?: number | undefined
        readonly live?: boolean | undefined
        readonly signal?: AbortSignal | undefined
      }
    ): AsyncIterable<Message>
    /** Mark everything received so far as read, and tell the sender. */
    markRead(id: ConversationId): Promise<void>
  }
  /**
   * Resolves when the message is durable on this device. Rejects with `UNKNOWN_CONVERSATION`, `TOO_LARGE`, `CONTENT_INVALID`,
   * `CONTACT_BLOCKED`, `IDENTITY_CHANGED`, `OUTBOX_FULL`, `ABORTED`, `STORE_FULL`, `STORE_FAILED`.
   */
  send(conversationId: ConversationId, content: string | Content, options?: SendOptions): Promise<Message>
  /**
   * Link to a node by its address (a multiaddr), for where discovery does not reach. A link that came about is made again whenever it is lost, until
   * this messenger is closed. Rejects with `ADDRESS_INVALID`, `DIAL_FAILED`, `NOT_STARTED` or `ABORTED`.
   */
  dial(address: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Reconcile now with every peer linked: exchange whatever either side lacks when this is called, for others too; a session that is under way is
   * waited for. Happens by itself when a peer comes and from time to time. Rejects with `NOT_STARTED` or `ABORTED`.
   */
  sync(options?: SyncOptions): Promise<SyncReport>
  /**
   * Write the sealed envelopes that are carried here, own ones and those of others, for somebody to take elsewhere on
   * whatever holds a file. Streams: the sink gets the file piece by piece and says by taking the next one that it
   * wants more. Needs no network. Rejects with `OPTIONS_INVALID`, also if the sink ends before it has taken all, with `ABORTED`, `UNKNOWN_CONTACT`, and with whatever the sink rejects with.
   */
  exportParcels(sink: ParcelSink, options?: ExportOptions): Promise<ExportReport>
  /**
   * Take in what {@link Messenger.exportParcels} wrote: messages for this device are received, everything is carried
   * on, and linked peers are told. In any order, any number of times, and as far as it goes: of a file that was cut
   * off or damaged, everything that is left of it is taken. Needs no network. Rejects with `FILE_INVALID`,
   * `FILE_TOO_NEW`, `FILE_OTHER_NETWORK`, `ABORTED`, `STORE_FULL`, `STORE_FAILED`, and with whatever the source
   * throws.
   */
  importParcels(source: ParcelSource, options?: ImportOptions): Promise<ImportReport>
  /**
   * Tell the level of the battery, 0 to 1, and whether it is being charged: whenever that changes, say once a minute.
   * It matters if `power.carryAbove` was given; until it is called the battery counts as full. Rejects with
   * `OPTIONS_INVALID`.
   */
  setPower(reading: { readonly level: number; readonly charging?: boolean | undefined }): Promise<void>
  status(): Promise<MessengerStatus>
  /** Take part in the network. `createMessenger` does it unless `start: false`. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Stop, commit what is under way, release the store. No timer or handle is left; an export or import that waits for its sink or source ends with `CLOSED`. */
  close(): Promise<void>
  /**
   * Destroy this identity and everything kept with it, for good: first the key of the store (the key file is
   * overwritten and removed, the wrapped key in the store deleted and scrubbed), so that nothing can be read from
   * then on, whatever happens meanwhile; then close, and remove the data. File systems and disks may keep older
   * copies of the key; a passphrase that nobody knows protects those. Rejects if something could not be destroyed.
   */
  wipe(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

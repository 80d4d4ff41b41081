import type { Clock } from '../clock.js'
import type { ConversationId, IdentityId } from '../codec/ids.js'
import type { RandomSource } from '../crypto/random.js'
import type { Item } from '../protocol/sync/item.js'
import type { Network, PeerName } from '../network/network.js'
import type { TagRun } from '../protocol/ratchet/expected-tags.js'
import type { Invite } from '../protocol/handshake/invite.js'
import type { Prekeys } from '../protocol/prekeys/prekeys.js'
import type { HmacsBeside } from '../platform/platform.js'
import type { ContinuityRecord } from '../storage/records/continuity-record.js'
import type { OwnRecord } from '../storage/records/own-record.js'
import type { Tables } from '../storage/records/tables.js'
import type { SealedStore } from '../storage/sealed-store.js'
import type { Budget, Traffic } from './budget.js'
import type { ContactQueue } from './contact-queue.js'
import type { Events } from './events.js'
import type { MessengerStatus } from './messenger.js'
import type { Logger } from './options.js'
import type { OwnProfile } from './contacts/own-profile.js'
import type { Holders } from './carry/holders.js'
import type { Mailbox } from './carry/mailbox.js'
import type { Outbox } from './send/outbox.js'
import type { RecentMessages } from './receive/recent-messages.js'
import type { Seen } from './receive/seen.js'
import type { StorePlace } from './continuity/store-place.js'
import type { TagIndex } from './receive/tag-index.js'
import type { Tail } from './tail.js'

/** What a context is made of. */
export interface ContextParts {
  readonly clock: Clock
  readonly random: RandomSource
  /** Where there are threads, and the clock is the system's. */
  readonly hmacsBeside?: HmacsBeside | undefined
  readonly logger: Logger
  readonly store: SealedStore
  readonly tables: Tables
  readonly network: Network
  readonly networkName: string
  readonly topic: string
  /** Where the store lies. */
  readonly place: StorePlace
  /**
   * `rotation` while fresh prekeys are being stored; `renewal` while a new incarnation is taken, and nothing is sealed; `turn` ends with the
   * last change of the record that was asked for.
   */
  readonly own: {
    record: OwnRecord
    prekeys: Prekeys
    continuity: ContinuityRecord
    rotation?: Promise<void>
    renewal?: Promise<void>
    turn?: Promise<void>
  }
}

/** What use-cases ask of the parts of a node: these are made from the context, and so after it. */
export interface NodeCalls {
  /** Publish what is due, soon. */
  flush(): void
  /** Hand an envelope that needs no receipt to the network with the next flush, if the budget has room for such. */
  publishOnce(envelope: Uint8Array, traffic: Traffic): void
  /** Tell a contact what was received, soon or now. */
  owesReceipt(contactId: IdentityId, isPressing?: boolean): void
  /** Say hello without content to a contact whose answer its messages wait for. */
  greet(contactId: IdentityId): void
  /** A contact was removed: what it was told is of no use any more. */
  forgetContact(contactId: IdentityId): void
  /** Ask peers for the bundles that are missing. */
  lookUpBundles(): void
  /** Tags are waited for that were not before: some of what is kept may have one of them. */
  expect(run: TagRun): void
  /** Look again at what is kept of a contact: what was refused may be taken now. */
  lookThrough(contactId: IdentityId): void
  /** A contact's state has changed: something may grow old sooner than was thought. */
  stir(): void
  /** An envelope came by gossip, is kept if it may be, and who handed it over is to know so. */
  heardInGossip(item: Item, from: PeerName): void
}

/** What every use-case works with. The only mutable things are here, and each has one owner. */
export interface Context extends ContextParts, NodeCalls {
  readonly queue: ContactQueue
  readonly tags: TagIndex
  readonly outbox: Outbox
  readonly mailbox: Mailbox
  readonly holders: Holders
  readonly seen: Seen
  readonly budget: Budget
  /** What the mailbox was when all of it was last compared with a peer linked now, and when that was, epoch ms. */
  readonly reconciled: Map<PeerName, { readonly version: number; readonly at: number }>
  readonly recent: RecentMessages
  readonly events: Events
  readonly tail: Tail
  /** Contacts by conversation. */
  readonly conversations: Map<ConversationId, IdentityId>
  /** Invites handed out, by the base64 of their secret. */
  readonly invites: Map<string, Invite>
  /** This identity's id. */
  readonly ownId: IdentityId
  readonly profile: OwnProfile
  readonly state: {
    started: boolean
    closed: boolean
    storage: MessengerStatus['storage']
    /** Nothing is done for others: the battery is low. */
    resting: boolean
    /** The peers linked now. */
    linked: ReadonlySet<string>
    /** Peers that are nodes of contacts, as these have told. */
    contactPeers: ReadonlySet<string>
  }
  /** Note a failure of something nobody waits for. */
  onFailure(what: string, error: unknown): void
  /** Seal what waits for a contact, soon. */
  sealSoon(contactId: IdentityId): void
}

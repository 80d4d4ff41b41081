export { createMessenger, wipeStore } from './messenger/create-messenger.js'
export { gossipsubOptions } from './messenger/gossipsub-options.js'
export type { MessengerOptions, NetworkSettings, Logger } from './messenger/options.js'
export type {
  CardOptions,
  Contact,
  Conversation,
  ExportOptions,
  ExportReport,
  ImportOptions,
  ImportReport,
  MailboxStatus,
  Message,
  MessageStatus,
  Messenger,
  MessengerEvents,
  MessengerStatus,
  ParcelSink,
  ParcelSource,
  PeerStatus,
  SendOptions,
  SyncOptions,
  SyncReport
} from './messenger/messenger.js'
export type { ConversationId, IdentityId, MessageId } from './codec/ids.js'
export { parseConversationId, parseIdentityId } from './codec/ids.js'
export type { Priority } from './protocol/message/priority.js'
export type { RenewalReason } from './storage/records/continuity-record.js'
export type { ContactOrigin, IdentityChange } from './storage/records/contact-record.js'
export type { Content } from './storage/records/message-record.js'
export { isMessengerError, MessengerError, type ErrorCode } from './errors.js'
export type { Clock } from './clock.js'
export type { RandomSource } from './crypto/random.js'
export type { KeyRange, Store, Write } from './storage/store.js'
export { createMemoryStore } from './storage/memory-store.js'
export { openLevelStore, type LevelStoreOptions } from './storage/level-store.js'
export { groupCommit, type GroupCommitOptions } from './storage/group-commit.js'
export type {
  LanStatus,
  Link,
  Network,
  NetworkHandlers,
  NetworkPeer,
  PeerName,
  PeerStream,
  Verdict
} from './network/network.js'
export { createMemoryHub, type MemoryHub, type MemoryHubOptions } from './network/memory-network.js'
export type { Disturbances } from './network/memory-medium.js'

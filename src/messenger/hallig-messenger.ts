import { MessengerError } from '../errors.js'
import type { ConversationId, IdentityId } from '../codec/ids.js'
import type { Content } from '../storage/records/message-record.js'
import { checkAddress, checkBoolean, checked } from './check-options.js'
import {
  acceptChange,
  addContact,
  changeContact,
  checkName,
  contactSafetyNumber,
  removeContact,
  stateOf
} from './contacts/contacts.js'
import type { Context } from './context.js'
import { listConversations, markRead, readMessages } from './history.js'
import type {
  CardOptions,
  Contact,
  Conversation,
  ExportOptions,
  ExportReport,
  ImportOptions,
  ImportReport,
  Message,
  Messenger,
  MessengerStatus,
  ParcelSink,
  ParcelSource,
  SendOptions,
  SyncOptions,
  SyncReport
} from './messenger.js'
import { closed, type Node } from './node.js'
import type { OpenedStore } from './open-store.js'
import type { PowerReading } from './power.js'
import { wipeMessenger } from './wipe.js'
import { renewIdentity } from './continuity/renew.js'
import { makeCard, renameOwn, rotatePrekeys } from './contacts/own-identity.js'
import { contactOf, sendMessage } from './send/send-message.js'
import { toContact, toConversation } from './status.js'
import { messengerStatus } from './messenger-status.js'

/** The public face: a table of contents, one line per method. */
export class HalligMessenger implements Messenger {
  readonly #node: Node
  readonly #opened: OpenedStore
  #wiping: Promise<void> | undefined
  #isClosing = false

  readonly addEventListener: Messenger['addEventListener']
  readonly removeEventListener: Messenger['removeEventListener']
  readonly dispatchEvent: Messenger['dispatchEvent']
  readonly listenerCount: Messenger['listenerCount']
  readonly safeDispatchEvent: Messenger['safeDispatchEvent']

  constructor(node: Node, opened: OpenedStore) {
    this.#node = node
    this.#opened = opened
    const { events } = node.context
    this.addEventListener = events.addEventListener.bind(events)
    this.removeEventListener = events.removeEventListener.bind(events)
    this.dispatchEvent = events.dispatchEvent.bind(events)
    this.listenerCount = events.listenerCount.bind(events)
    this.safeDispatchEvent = events.safeDispatchEvent.bind(events)
  }

  /** The context, unless the messenger was closed. */
  get #context(): Context {
    return this.#openNode.context
  }

  get #openNode(): Node {
    // From its first moment on, a wipe leaves no key to do anything with.
    if (this.#node.context.state.closed || this.#wiping !== undefined) throw closed()
    return this.#node
  }

  get identity(): Messenger['identity'] {
    const { ownId, own } = this.#node.context
    return {
      id: ownId,
      name: own.record.name,
      card: async (options: CardOptions = {}) => await makeCard(this.#context, checked(options)),
      rename: async (name: string) => await renameOwn(this.#context, name),
      rotatePrekeys: async () => await rotatePrekeys(this.#context),
      renew: async () => await renewIdentity(this.#context, 'asked')
    }
  }

  readonly contacts: Messenger['contacts'] = {
    add: async (card, options = {}) => await addContact(this.#context, card, checked(options)),
    get: async (id) => await Promise.resolve(this.#contact(id)),
    list: async () => await Promise.resolve(this.#contacts()),
    rename: async (id, name) =>
      await changeContact(this.#context, id, () => ({ givenName: checkName(name) })),
    safetyNumber: async (id) =>
      await Promise.resolve(this.#context).then((context) => contactSafetyNumber(context, id)),
    verify: async (id, verified = true) =>
      await changeContact(this.#context, id, () => ({ verified: checkBoolean(verified, 'Being verified') })),
    block: async (id, blocked = true) =>
      await changeContact(this.#context, id, () => ({ blocked: checkBoolean(blocked, 'Being blocked') })),
    acceptChange: async (id) => await acceptChange(this.#context, id),
    remove: async (id) => await removeContact(this.#context, id)
  }

  readonly conversations: Messenger['conversations'] = {
    direct: async (contactId) => await this.#direct(contactId),
    get: async (id) => await this.#direct(contactOf(this.#context, id)),
    list: async () => await listConversations(this.#context),
    messages: (id, options) => readMessages(this.#context, id, options),
    markRead: async (id) => await markRead(this.#context, id)
  }

  async send(
    conversationId: ConversationId,
    content: string | Content,
    options: SendOptions = {}
  ): Promise<Message> {
    return await sendMessage(this.#context, conversationId, content, checked(options))
  }

  async dial(address: string, options: Parameters<Messenger['dial']>[1] = {}): Promise<void> {
    const { signal } = checked(options)
    await this.#context.network.dial(checkAddress(address), signal && { signal })
  }

  async sync(options: SyncOptions = {}): Promise<SyncReport> {
    const { state } = this.#context
    if (!state.started)
      throw new MessengerError('NOT_STARTED', 'The messenger is stopped; call start() first')
    return await this.#node.sync(checked(options))
  }

  async exportParcels(sink: ParcelSink, options: ExportOptions = {}): Promise<ExportReport> {
    return await this.#openNode.exportParcels(sink, checked(options))
  }

  async importParcels(source: ParcelSource, options: ImportOptions = {}): Promise<ImportReport> {
    return await this.#openNode.importParcels(source, checked(options))
  }

  async setPower(reading: PowerReading): Promise<void> {
    await Promise.resolve(this.#openNode).then((node) => {
      node.setPower(checked(reading))
    })
  }

  async status(): Promise<MessengerStatus> {
    return await messengerStatus(this.#context)
  }

  async start(): Promise<void> {
    await this.#openNode.start()
  }

  async stop(): Promise<void> {
    await this.#node.stop()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    // It closes as well, once it has done with the store; what it could not destroy, it tells who asked for it.
    await this.#wiping?.catch(() => undefined)
    await this.#node.close()
  }

  async wipe(): Promise<void> {
    // Either the store is there until the key is destroyed, or this has not begun.
    if (this.#isClosing && this.#wiping === undefined) throw closed()
    this.#wiping ??= wipeMessenger(this.#context, this.#node, this.#opened).finally(() => {
      this.#wiping = undefined
    })
    await this.#wiping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #direct(id: IdentityId): Promise<Conversation> {
    return await toConversation(this.#context, stateOf(this.#context, id))
  }

  #contact(id: IdentityId): Contact {
    return toContact(this.#context, stateOf(this.#context, id))
  }

  #contacts(): Contact[] {
    return [...this.#context.queue.states.values()]
      .map((state) => toContact(this.#context, state))
      .sort((one, other) => one.name.localeCompare(other.name))
  }
}

import type { Socket } from 'node:net'
import type { Uint8ArrayList } from 'uint8arraylist'
import { MessengerError, type Messenger, type MessengerEvents } from '../../library.js'
import { Channel, type Watch } from './channel.js'
import { MAX_HOLDER_FRAME } from './frame.js'
import type { ControlMethods } from './methods.js'
import { drawnBytes, Offers } from './offers.js'

/** What a command may be told of. */
const EVENTS: readonly (keyof MessengerEvents)[] = [
  'message:receive',
  'message:update',
  'contact:update',
  'identity:change',
  'identity:copy',
  'conversation:update',
  'envelope:reject',
  'peer:update',
  'sync:complete',
  'storage:update'
]

/** One command that works with the messenger of this process. */
export class Session {
  readonly #messenger: Messenger
  readonly #offers = new Offers()
  readonly #channel: Channel
  readonly #listeners = new Map<keyof MessengerEvents, (event: CustomEvent<unknown>) => void>()
  /** Resolves when the command is gone, and nothing is left of it. */
  readonly ended: Promise<void>

  constructor(messenger: Messenger, socket: Socket, frames: AsyncIterable<Uint8ArrayList>) {
    this.#messenger = messenger
    this.#channel = new Channel(socket, frames, {
      handle: async (method, args, watch) => await this.#carryOut(method, args, watch),
      onEvent: () => undefined,
      largest: MAX_HOLDER_FRAME,
      lost: () => new MessengerError('ABORTED', 'The command that asked for this has ended')
    })
    this.ended = this.#channel.ended.then(() => this.#forget())
  }

  /** End what the command asked for, and hang up. */
  async close(): Promise<void> {
    this.#forget()
    await this.#channel.close()
  }

  #forget(): void {
    this.#offers.closeAll()
    for (const [name, listener] of this.#listeners) this.#messenger.removeEventListener(name, listener)
    this.#listeners.clear()
  }

  async #carryOut(name: string, args: readonly unknown[], watch: Watch): Promise<unknown> {
    if (!Object.hasOwn(this.#methods, name))
      throw new MessengerError(
        'OPTIONS_INVALID',
        'This cannot be done through another process; end that first'
      )
    const method: unknown = Reflect.get(this.#methods, name)
    if (typeof method !== 'function') return undefined
    const result: unknown = await Reflect.apply(method, undefined, [args, watch])
    return result
  }

  readonly #methods: {
    readonly [Name in keyof ControlMethods]: (
      args: Parameters<ControlMethods[Name]>,
      watch: Watch
    ) => ReturnType<ControlMethods[Name]>
  } = {
    'identity.card': (args) => this.#messenger.identity.card(...args),
    'identity.rename': (args) => this.#messenger.identity.rename(...args),
    'contacts.add': (args) => this.#messenger.contacts.add(...args),
    'contacts.get': (args) => this.#messenger.contacts.get(...args),
    'contacts.list': () => this.#messenger.contacts.list(),
    'contacts.rename': (args) => this.#messenger.contacts.rename(...args),
    'contacts.safetyNumber': (args) => this.#messenger.contacts.safetyNumber(...args),
    'contacts.verify': (args) => this.#messenger.contacts.verify(...args),
    'contacts.block': (args) => this.#messenger.contacts.block(...args),
    'contacts.acceptChange': (args) => this.#messenger.contacts.acceptChange(...args),
    'contacts.remove': (args) => this.#messenger.contacts.remove(...args),
    'conversations.direct': (args) => this.#messenger.conversations.direct(...args),
    'conversations.get': (args) => this.#messenger.conversations.get(...args),
    'conversations.list': () => this.#messenger.conversations.list(),
    'conversations.markRead': (args) => this.#messenger.conversations.markRead(...args),
    'conversations.messages': async ([stream, id, options]) => {
      const offer = this.#offers.open(stream)
      // How it ends is told to whoever takes its messages.
      offer
        .fill(this.#messenger.conversations.messages(id, { ...options, signal: offer.signal }))
        .catch(() => undefined)
      return Promise.resolve()
    },
    send: ([id, content, options], { signal }) => this.#messenger.send(id, content, { ...options, signal }),
    dial: ([address], { signal }) => this.#messenger.dial(address, { signal }),
    sync: (_args, { signal, onProgress }) => this.#messenger.sync({ signal, onProgress }),
    exportParcels: async ([stream, options], { signal, onProgress }) => {
      const offer = this.#offers.open(stream)
      try {
        const sink = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => offer.fill(pieces)
        return await this.#messenger.exportParcels(sink, { ...options, signal, onProgress })
      } catch (error) {
        offer.fail(error)
        throw error
      }
    },
    importParcels: ([stream], { signal, onProgress }) =>
      this.#messenger.importParcels(drawnBytes(this.#channel, stream), { signal, onProgress }),
    status: () => this.#messenger.status(),
    listen: async ([name]) => {
      this.#listen(name)
      return Promise.resolve()
    },
    next: ([stream]) => this.#offers.next(stream),
    end: async ([stream]) => {
      this.#offers.close(stream)
      return Promise.resolve()
    }
  }

  #listen(wanted: string): void {
    const name = EVENTS.find((known) => known === wanted)
    if (name === undefined || this.#listeners.has(name)) return
    const listener = ({ detail }: CustomEvent<unknown>): void => this.#channel.tell(name, detail)
    this.#listeners.set(name, listener)
    this.#messenger.addEventListener(name, listener)
  }
}

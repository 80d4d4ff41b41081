import type { Socket } from 'node:net'
import { TypedEventEmitter } from 'main-event'
import type { Uint8ArrayList } from 'uint8arraylist'
import {
  MessengerError,
  type ExportOptions,
  type ExportReport,
  type ImportOptions,
  type ImportReport,
  type Message,
  type Messenger,
  type MessengerEvents,
  type ParcelSink,
  type ParcelSource,
  type SendOptions,
  type SyncOptions,
  type SyncReport
} from '../../library.js'
import { Channel, type Company } from './channel.js'
import { MAX_COMMAND_FRAME } from './frame.js'
import type { ControlMethods } from './methods.js'
import { drawn, drawnBytes, Offers } from './offers.js'

/** Largest piece of a file that is handed over at once, bytes. */
const MAX_PIECE = 256 * 1024

/** A messenger that another process has: what is asked of this one is carried out there. */
export class DistantMessenger implements Messenger {
  readonly #channel: Channel
  readonly #events = new TypedEventEmitter<MessengerEvents>()
  readonly #heard = new Set<keyof MessengerEvents>()
  readonly #offers = new Offers()
  /** What a messenger of one's own would finish before it closes. */
  readonly #underWay = new Set<Promise<unknown>>()
  #streams = 0
  /** Resolves when the other process is gone, or `close` was called. */
  readonly ended: Promise<void>

  readonly identity: Messenger['identity']
  readonly addEventListener: Messenger['addEventListener']
  readonly removeEventListener: Messenger['removeEventListener']
  readonly dispatchEvent: Messenger['dispatchEvent']
  readonly listenerCount: Messenger['listenerCount']
  readonly safeDispatchEvent: Messenger['safeDispatchEvent']

  constructor(
    socket: Socket,
    frames: AsyncIterable<Uint8ArrayList>,
    { id, name }: Pick<Messenger['identity'], 'id' | 'name'>,
    lost: () => Error
  ) {
    this.#channel = new Channel(socket, frames, {
      handle: async (method, [stream]) => await this.#give(method, stream),
      onEvent: (event, detail) => this.#told(event, detail),
      largest: MAX_COMMAND_FRAME,
      lost
    })
    this.ended = this.#channel.ended
    this.identity = this.#identity(id, name)
    const events = this.#events
    this.addEventListener = (type, listener, options) => {
      events.addEventListener(type, listener, options)
      this.#hear(type)
    }
    this.removeEventListener = events.removeEventListener.bind(events)
    this.dispatchEvent = events.dispatchEvent.bind(events)
    this.listenerCount = events.listenerCount.bind(events)
    this.safeDispatchEvent = events.safeDispatchEvent.bind(events)
  }

  readonly contacts: Messenger['contacts'] = {
    add: async (...args) => await this.#ask('contacts.add', args),
    get: async (...args) => await this.#ask('contacts.get', args),
    list: async () => await this.#ask('contacts.list', []),
    rename: async (...args) => await this.#ask('contacts.rename', args),
    safetyNumber: async (...args) => await this.#ask('contacts.safetyNumber', args),
    verify: async (...args) => await this.#ask('contacts.verify', args),
    block: async (...args) => await this.#ask('contacts.block', args),
    acceptChange: async (...args) => await this.#ask('contacts.acceptChange', args),
    remove: async (...args) => await this.#ask('contacts.remove', args)
  }

  readonly conversations: Messenger['conversations'] = {
    direct: async (...args) => await this.#ask('conversations.direct', args),
    get: async (...args) => await this.#ask('conversations.get', args),
    list: async () => await this.#ask('conversations.list', []),
    messages: (...args) => this.#messages(...args),
    markRead: async (...args) => await this.#ask('conversations.markRead', args)
  }

  readonly send: Messenger['send'] = async (id, content, { signal, ...options }: SendOptions = {}) =>
    await this.#ask('send', [id, content, options], { signal })

  readonly dial: Messenger['dial'] = async (address, { signal } = {}) =>
    await this.#ask('dial', [address], { signal })

  async sync({ signal, onProgress }: SyncOptions = {}): Promise<SyncReport> {
    return await this.#ask('sync', [], { signal, onProgress })
  }

  async exportParcels(
    sink: ParcelSink,
    { signal, onProgress, ...options }: ExportOptions = {}
  ): Promise<ExportReport> {
    const stream = ++this.#streams
    const stopping = new AbortController()
    const report = this.#ask('exportParcels', [stream, options], {
      signal: signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]),
      onProgress
    })
    try {
      const written = sink(drawnBytes(this.#channel, stream))
      // A sink that takes no more holds up nobody whose export has failed.
      await Promise.race([written, report.then(async () => await written)])
    } catch (error) {
      report.catch(() => undefined)
      stopping.abort()
      throw error
    } finally {
      this.#ask('end', [stream]).catch(() => undefined)
    }
    return await report
  }

  async importParcels(source: ParcelSource, options: ImportOptions = {}): Promise<ImportReport> {
    const stream = ++this.#streams
    const offer = this.#offers.open(stream)
    // What the source throws is what the caller has to know, not what was made of it on the other side.
    let trouble: { readonly error: unknown } | undefined
    offer.fill(inPieces(source)).catch((error: unknown) => {
      trouble = { error }
    })
    try {
      return await this.#ask('importParcels', [stream], options)
    } catch (error) {
      throw trouble === undefined ? error : trouble.error
    } finally {
      this.#offers.close(stream)
    }
  }

  async status(): ReturnType<Messenger['status']> {
    return await this.#ask('status', [])
  }

  /** The other process has done so. */
  async start(): Promise<void> {
    await Promise.resolve()
  }

  readonly stop = unavailable
  readonly wipe = unavailable
  readonly setPower = unavailable

  /** Hang up when what was asked for is done; the other process goes on. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    this.#offers.closeAll()
    await this.#channel.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #identity(id: Messenger['identity']['id'], atFirst: string): Messenger['identity'] {
    let own = atFirst
    return {
      id,
      get name() {
        return own
      },
      card: async (...args) => await this.#ask('identity.card', args),
      rename: async (name) => {
        await this.#ask('identity.rename', [name])
        own = name
      },
      rotatePrekeys: unavailable,
      renew: unavailable
    }
  }

  async *#messages(
    ...[id, { signal, ...options } = {}]: Parameters<Messenger['conversations']['messages']>
  ): AsyncGenerator<Message> {
    const stream = ++this.#streams
    await this.#ask('conversations.messages', [stream, id, options])
    const end = (): void => {
      this.#ask('end', [stream]).catch(() => undefined)
    }
    signal?.addEventListener('abort', end)
    if (signal?.aborted === true) end()
    try {
      for await (const piece of drawn(this.#channel, stream)) if (isMessage(piece)) yield piece
    } catch (error) {
      if (signal?.aborted !== true) throw error
    } finally {
      signal?.removeEventListener('abort', end)
    }
  }

  /** Both ends are of one release: what comes back is of the type that the method says, and so is what is told meanwhile. */
  #ask<Name extends keyof ControlMethods>(
    name: Name,
    args: Parameters<ControlMethods[Name]>,
    company?: Pick<Company, 'signal'> & { readonly onProgress?: ((report: never) => void) | undefined }
  ): ReturnType<ControlMethods[Name]>
  async #ask(name: string, args: readonly unknown[], company?: Company): Promise<unknown> {
    const answer = this.#channel.request(name, args, company)
    // These two may take long, and nothing depends on them.
    if (name === 'dial' || name === 'sync') return await answer
    this.#underWay.add(answer)
    return await answer.finally(() => this.#underWay.delete(answer))
  }

  async #give(method: string, stream: unknown): Promise<unknown> {
    if (typeof stream !== 'number') return []
    if (method === 'next') return await this.#offers.next(stream)
    this.#offers.close(stream)
    return []
  }

  #hear(name: keyof MessengerEvents): void {
    if (this.#heard.has(name)) return
    this.#heard.add(name)
    this.#ask('listen', [name]).catch(() => undefined)
  }

  #told(event: string, detail: unknown): void {
    const name = [...this.#heard].find((known) => known === event)
    if (name !== undefined) this.#events.safeDispatchEvent(name, { detail })
  }
}

async function unavailable(): Promise<void> {
  await Promise.reject(
    new MessengerError('OPTIONS_INVALID', 'This cannot be done through another process; end that first')
  )
}

function isMessage(piece: unknown): piece is Message {
  return typeof piece === 'object' && piece !== null && 'position' in piece
}

/** The pieces of a file, none larger than what is handed over at once. */
async function* inPieces(source: ParcelSource): AsyncGenerator<Uint8Array> {
  for await (const bytes of source)
    for (let at = 0; at < bytes.length; at += MAX_PIECE) yield bytes.subarray(at, at + MAX_PIECE)
}

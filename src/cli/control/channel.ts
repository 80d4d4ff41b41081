import type { Socket } from 'node:net'
import { encode } from 'it-length-prefixed'
import type { Uint8ArrayList } from 'uint8arraylist'
import { MessengerError } from '../../library.js'
import { failureOf, failureRecord } from './failure-record.js'
import { decodeFrame, encodeFrame, type Frame } from './frame.js'

/** What goes with a request while it is carried out. */
export interface Watch {
  /** Aborts when whoever asked wants no answer any more, or is gone. */
  readonly signal: AbortSignal
  readonly onProgress: (report: unknown) => void
}

export interface ChannelInit {
  /** Carries out what the other end asks for. */
  readonly handle: (method: string, args: readonly unknown[], watch: Watch) => Promise<unknown>
  readonly onEvent: (name: string, detail: unknown) => void
  /** Largest frame that the other end takes, bytes. */
  readonly largest: number
  /** What requests reject with that nobody answers any more. */
  readonly lost: () => Error
}

/** How a request is accompanied; both may be left out. */
export interface Company {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((report: unknown) => void) | undefined
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly onProgress: ((report: unknown) => void) | undefined
}

/** Requests carried out at a time for one other end; no command has more than a handful. */
const MAX_RUNNING = 64
/** What may wait for an end that does not read, bytes; after that it counts as gone. */
const MAX_UNREAD = 8 * 1024 * 1024
/** After so long without taking what was left to say, an end counts as gone, ms. */
const PARTING_MS = 2000

/** Requests, answers and events between two processes, over a socket that each end frames by length. */
export class Channel {
  readonly #socket: Socket
  readonly #init: ChannelInit
  readonly #waiting = new Map<number, Waiting>()
  readonly #running = new Map<
    number,
    { readonly controller: AbortController; readonly done: Promise<void> }
  >()
  #last = 0
  #over = false
  /** Resolves when the other end is gone, or `close` was called. */
  readonly ended: Promise<void>

  /** Begins at once to read `frames`, which come from `socket`. */
  constructor(socket: Socket, frames: AsyncIterable<Uint8ArrayList>, init: ChannelInit) {
    this.#socket = socket
    this.#init = init
    this.ended = this.#read(frames)
  }

  /** Have something done by the other end. */
  async request(
    method: string,
    args: readonly unknown[],
    { signal, onProgress }: Company = {}
  ): Promise<unknown> {
    if (this.#over) throw this.#init.lost()
    const id = ++this.#last
    const abort = (): void => this.#send(['abort', id])
    try {
      return await new Promise((resolve, reject) => {
        this.#send(['request', id, method, args])
        this.#waiting.set(id, { resolve, reject, onProgress })
        signal?.addEventListener('abort', abort)
        if (signal?.aborted === true) abort()
      })
    } finally {
      this.#waiting.delete(id)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Tell the other end that something happened. */
  tell(name: string, detail: unknown): void {
    try {
      this.#send(['event', 0, name, detail])
    } catch {
      // It cannot cross, and whoever tells of events must not fail for it.
    }
  }

  /** End what the other end asked for, let it have the answers, and hang up. */
  async close(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { controller } of running) controller.abort()
    await Promise.all(running.map(({ done }) => done))
    this.#end()
    hangUp(this.#socket)
  }

  async #read(frames: AsyncIterable<Uint8ArrayList>): Promise<void> {
    try {
      for await (const bytes of frames) {
        const frame = decodeFrame(bytes.subarray())
        if (frame === undefined || !this.#take(frame)) break
      }
    } catch {
      // The socket broke, or a frame was too large: there is nobody to talk with any more.
    }
    this.#socket.destroy()
    this.#end()
  }

  /** Whether the other end keeps to the rules. */
  #take(frame: Frame): boolean {
    const [kind, id] = frame
    switch (kind) {
      case 'request': {
        if (this.#running.size >= MAX_RUNNING || this.#running.has(id)) return false
        const controller = new AbortController()
        // Begun at once: what comes next may be about it.
        const done = this.#carryOut(id, frame[2], frame[3], controller.signal)
        this.#running.set(id, { controller, done })
        void done.then(() => this.#running.delete(id))
        return true
      }
      case 'abort':
        this.#running.get(id)?.controller.abort()
        return true
      case 'progress':
        this.#waiting.get(id)?.onProgress?.(frame[2])
        return true
      case 'answer':
        this.#waiting.get(id)?.resolve(frame[2])
        return true
      case 'failure':
        this.#waiting.get(id)?.reject(failureOf(frame[2]) ?? this.#init.lost())
        return true
      case 'event':
        this.#init.onEvent(frame[2], frame[3])
        return true
    }
  }

  async #carryOut(id: number, method: string, args: readonly unknown[], signal: AbortSignal): Promise<void> {
    try {
      const value = await this.#init.handle(method, args, {
        signal,
        onProgress: (report) => this.#send(['progress', id, report])
      })
      this.#send(['answer', id, value])
    } catch (error) {
      this.#send(['failure', id, failureRecord(error)])
    }
  }

  #send(frame: Frame): void {
    if (this.#over) return
    const bytes = encodeFrame(frame)
    if (bytes.length > this.#init.largest)
      throw new MessengerError('TOO_LARGE', 'This is too large to be handed to another process')
    if (this.#socket.writableLength > MAX_UNREAD) this.#socket.destroy()
    else this.#socket.write(encode.single(bytes).subarray())
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    for (const { controller } of this.#running.values()) controller.abort()
    for (const { reject } of this.#waiting.values()) reject(this.#init.lost())
  }
}

/** Let the other end have what was written, for as long as it takes an end that reads; then close. */
export function hangUp(socket: Socket): void {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), PARTING_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.end(() => socket.destroy())
}

import { MessengerError } from '../../library.js'
import type { Channel } from './channel.js'
import { isList } from './frame.js'

/** Streams that one end offers at a time; no command has more than a handful. */
const MAX_OFFERS = 64

/** A stream from which the other end takes piece by piece, and never gets more than it asked for. */
export class Offer {
  readonly #ending = new AbortController()
  #pieces: (pieces: AsyncIterator<unknown>) => void = () => undefined
  #failed: (error: unknown) => void = () => undefined
  readonly #iterator = new Promise<AsyncIterator<unknown>>((resolve, reject) => {
    this.#pieces = resolve
    this.#failed = reject
  })
  #drained: () => void = () => undefined
  #broken: (error: unknown) => void = () => undefined
  #failure: { readonly error: unknown } | undefined
  readonly #over = new Promise<void>((resolve, reject) => {
    this.#drained = resolve
    this.#broken = reject
  })

  constructor() {
    // Whoever asks for a piece is told.
    for (const promise of [this.#iterator, this.#over]) promise.catch(() => undefined)
  }

  /** Aborts when nobody takes any more. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** Give `pieces` to whoever takes them. Resolves when they were all taken or no more are wanted; rejects as they do. */
  async fill(pieces: AsyncIterable<unknown>): Promise<void> {
    this.#pieces(pieces[Symbol.asyncIterator]())
    await this.#over
  }

  /** There will be no more pieces, and these are not all: whoever asks for one is told so, lest they take what they have for the whole. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#failed(error)
    this.#broken(error)
  }

  /** The next piece in a list, or an empty one at the end. */
  async next(): Promise<readonly unknown[]> {
    const iterator = await this.#iterator
    try {
      const step = await iterator.next()
      if (this.#failure !== undefined) throw this.#failure.error
      if (step.done !== true) return [step.value]
      this.#drained()
      return []
    } catch (error) {
      this.fail(error)
      throw error
    }
  }

  /** No more pieces are wanted. */
  end(): void {
    this.#ending.abort()
    this.#drained()
    // One that was never filled stays so.
    this.#iterator.then((iterator) => iterator.return?.()).catch(() => undefined)
  }
}

/** The streams of one end, by the numbers that whoever asked for them has chosen. */
export class Offers {
  readonly #offers = new Map<number, Offer>()

  open(stream: number): Offer {
    if (this.#offers.size >= MAX_OFFERS || this.#offers.has(stream))
      throw new MessengerError('OPTIONS_INVALID', 'There are too many streams at once')
    const offer = new Offer()
    this.#offers.set(stream, offer)
    return offer
  }

  async next(stream: number): Promise<readonly unknown[]> {
    const offer = this.#offers.get(stream)
    if (offer === undefined) throw ended()
    let piece: readonly unknown[] = []
    try {
      piece = await offer.next()
      return piece
    } finally {
      if (piece.length === 0) this.#offers.delete(stream)
    }
  }

  close(stream: number): void {
    this.#offers.get(stream)?.end()
    this.#offers.delete(stream)
  }

  /** End all of them before their time. */
  closeAll(): void {
    for (const [stream, offer] of this.#offers) {
      offer.fail(ended())
      this.close(stream)
    }
  }
}

function ended(): MessengerError {
  return new MessengerError('ABORTED', 'What this came from has ended')
}

/** The pieces of a stream that the other end offers. */
export async function* drawn(channel: Pick<Channel, 'request'>, stream: number): AsyncGenerator {
  let isOver = false
  try {
    for (;;) {
      isOver = true
      const step = await channel.request('next', [stream])
      if (!isList(step) || step.length === 0) return
      isOver = false
      yield step[0]
    }
  } finally {
    // Nobody is there to be told, or it comes to the same.
    if (!isOver) channel.request('end', [stream]).catch(() => undefined)
  }
}

/** The same, where the pieces are bytes. */
export async function* drawnBytes(
  channel: Pick<Channel, 'request'>,
  stream: number
): AsyncGenerator<Uint8Array> {
  for await (const piece of drawn(channel, stream)) if (piece instanceof Uint8Array) yield piece
}

import type { Connection, Libp2p } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import { member } from '../../codec/member.js'
import { MAX_BEATS_UNANSWERED, PULSE_MS } from '../limits.js'
import { wireOf } from './liveness.js'
import type { NetworkLogger } from './options.js'

/** Beats in vain of a connection that was heard within this beat: the next is none of those. */
const HEARD = -1
/** yamux's type of the frame that tells how much more a stream takes. */
const WINDOW_UPDATE = 1

export interface PulseOptions {
  readonly node: Pick<Libp2p, 'getConnections'>
  readonly clock: Clock
  readonly logger: NetworkLogger | undefined
}

/**
 * Asks every connection now and then whether it still answers, and closes one that says nothing more. On a narrow link an answer waits behind all else
 * that is under way, so whatever comes shows that the other end is there: closed and dialled again, all of that would be sent once more. And it says something
 * as long as it waits, for who sends all of that may hear nothing else. It asks yamux, by one small frame and one back. libp2p's own
 * monitor opens a stream to ask, and notes its protocol at both ends: that was most of what an idle node said and did.
 */
export class Pulse {
  readonly #options: PulseOptions
  /** For how many beats connections have been asked in vain, and have said nothing else. */
  readonly #unanswered = new WeakMap<Connection, number>()
  #cancel: (() => void) | undefined

  constructor(options: PulseOptions) {
    this.#options = options
  }

  begin(): void {
    this.#cancel = this.#options.clock.schedule(PULSE_MS, () => {
      this.begin()
      for (const connection of this.#options.node.getConnections()) this.#beat(connection)
    })
  }

  stop(): void {
    this.#cancel?.()
  }

  /** Beats are counted, not milliseconds: after a sleep, or when this node was busy, what came meanwhile is read before the next. */
  #beat(connection: Connection): void {
    const beats = this.#unanswered.get(connection)
    if (beats === undefined) {
      this.#ask(connection)
      this.#listen(connection)
    } else if (beats + 1 < MAX_BEATS_UNANSWERED) {
      this.#unanswered.set(connection, beats + 1)
      // It is there, and an answer takes a beat at least: who asks in another way waits as long.
      if (beats === HEARD) connection.rtt = Math.max(connection.rtt ?? 0, PULSE_MS)
      speak(connection)
      this.#listen(connection)
    } else {
      this.#options.logger?.debug('a connection does not answer', connection.remoteAddr.toString())
      connection.abort(new Error('The other end does not answer'))
    }
  }

  /** A question is never given up: an answer to one that yamux does not know any more would end the connection. */
  #ask(connection: Connection): void {
    const muxer = member(connection, 'muxer')
    if (!isAsked(muxer)) return
    this.#unanswered.set(connection, 0)
    muxer.ping().then(
      (roundTrip) => {
        this.#unanswered.delete(connection)
        connection.rtt = roundTrip
      },
      () => {
        // It is being closed.
        this.#unanswered.delete(connection)
      }
    )
  }

  /** Count from here again when anything comes; one listener a beat, for one at each piece that comes would cost more than the question. */
  #listen(connection: Connection): void {
    const onMessage = (): void => {
      if (this.#unanswered.has(connection)) this.#unanswered.set(connection, HEARD)
    }
    wireOf(connection)?.addEventListener('message', onMessage, { once: true })
  }
}

/** Tell the other end of no more room on one of the streams: yamux takes a second question only when the first is answered. */
function speak({ streams: [stream] }: Connection): void {
  const [streamID, sendFrame] = [member(stream, 'streamId'), member(stream, 'sendFrame')]
  if (typeof sendFrame !== 'function') return
  Reflect.apply(sendFrame, stream, [{ type: WINDOW_UPDATE, flag: 0, streamID, length: 0 }])
}

/** A connection's muxer is not part of its declared interface, so nobody is asked where it is missing. */
function isAsked(muxer: unknown): muxer is { ping(): Promise<number> } {
  return typeof member(muxer, 'ping') === 'function'
}

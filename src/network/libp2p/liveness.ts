import type { Connection } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import { member } from '../../codec/member.js'
import { MAX_PROBE_TIMEOUT_MS, MIN_PROBE_TIMEOUT_MS, UNKNOWN_PROBE_TIMEOUT_MS } from '../limits.js'
import { createDeadline } from './deadline.js'
import type { NetworkLogger } from './options.js'

/** What nobody speaks: to refuse it is an answer. Of ping, libp2p would count the probe among its own, and allow only one of them. */
const PROBE_PROTOCOL = '/hallig/probe'

/** Round trips that a probe may take: it takes one, and packets are lost. */
const PROBE_ROUND_TRIPS = 3

/** Milliseconds a connection has to answer a probe: a link that is long is not dead. */
export function probeTimeout({ rtt }: Pick<Connection, 'rtt'>): number {
  if (rtt === undefined) return UNKNOWN_PROBE_TIMEOUT_MS
  return Math.min(MAX_PROBE_TIMEOUT_MS, Math.max(MIN_PROBE_TIMEOUT_MS, PROBE_ROUND_TRIPS * rtt))
}

/** What tells, by the event `message`, of all that comes over a connection. It is not part of the declared interface, so `undefined` where it is missing. */
export function wireOf(connection: Connection): EventTarget | undefined {
  const wire = member(connection, 'maConn')
  return isHeard(wire) ? wire : undefined
}

function isHeard(wire: unknown): wire is EventTarget {
  return typeof member(wire, 'addEventListener') === 'function'
}

/**
 * Whether the other end of a connection still answers, found out by negotiating a stream. Whatever else comes shows it as well: behind much that is
 * under way the answer is late. A dead connection looks open for half a minute, until the pulse gives up on it.
 */
export async function answers(connection: Connection, clock: Clock): Promise<boolean> {
  const deadline = createDeadline(clock, probeTimeout(connection))
  const wire = wireOf(connection)
  const spoken = new Error('The other end is there')
  const onMessage = (): void => {
    deadline.end(spoken)
  }
  wire?.addEventListener('message', onMessage, { once: true })
  try {
    // Without `negotiateFully` the stream is there before the other end has said a word.
    const options = { signal: deadline.signal, runOnLimitedConnection: true, negotiateFully: true }
    const stream = await connection.newStream(PROBE_PROTOCOL, options)
    stream.abort(new Error('This was only a probe'))
    return true
  } catch (error) {
    return (
      deadline.signal.reason === spoken ||
      (error instanceof Error && error.name === 'UnsupportedProtocolError')
    )
  } finally {
    wire?.removeEventListener('message', onMessage)
    deadline.release()
  }
}

/** Close those of the connections that do not answer. */
export async function dropDead(
  connections: readonly Connection[],
  clock: Clock,
  logger: NetworkLogger | undefined
): Promise<void> {
  await Promise.all(
    connections.map(async (connection) => {
      if (await answers(connection, clock)) return
      logger?.debug('a connection does not answer', connection.remoteAddr.toString())
      connection.abort(new Error('The other end does not answer'))
    })
  )
}

import './web-socket.js'
import { tcp } from '@libp2p/tcp'
import type { Libp2pOptions } from 'libp2p'
import type { Clock } from '../../../clock.js'
import type { Handshakes } from '../handshakes.js'
import { HolePuncher, type HolePuncherOptions } from '../punching/hole-puncher.js'
import { withPunches, type Punches } from '../punching/punched-dials.js'
import { closedWebSockets } from '../patches/closed-web-sockets.js'
import { guardedWebSockets } from '../patches/web-socket-door.js'

export { startLan } from '../lan/lan-discovery.js'

/** The ways a Node process can link to others: TCP, and WebSocket for browsers. */
export function createTransports(
  handshakes: Handshakes,
  clock: Clock,
  punches: Punches
): NonNullable<Libp2pOptions['transports']> {
  return [withPunches(tcp(), punches), guardedWebSockets(closedWebSockets(), handshakes, clock)]
}

/** Here a dial may come from a port of one's choice. */
export function createPuncher(options: HolePuncherOptions): HolePuncher | undefined {
  return new HolePuncher(options)
}

/** Any free port on every interface. Where there is no IPv6, libp2p leaves it out. */
export function defaultListen(): readonly string[] {
  return ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws', '/ip6/::/tcp/0', '/ip6/::/tcp/0/ws']
}

/** Resolves when the current turn of the event loop has run out of work: no timer, no waiting. */
export function turnEnd(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

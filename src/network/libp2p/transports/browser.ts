import type { Libp2pOptions } from 'libp2p'
import type { HolePuncher, HolePuncherOptions } from '../punching/hole-puncher.js'
import type { Lan, LanOptions } from '../lan/lan.js'
import { closedWebSockets } from '../patches/closed-web-sockets.js'

/** A browser tab can dial WebSockets and nothing else; it cannot listen. */
export function createTransports(): NonNullable<Libp2pOptions['transports']> {
  return [closedWebSockets()]
}

/** A tab chooses no ports, and needs nothing of what punches holes from them. */
export const createPuncher: (options: HolePuncherOptions) => HolePuncher | undefined = () => undefined

export function defaultListen(): readonly string[] {
  return []
}

/** Browsers have no UDP, so nobody is found on the LAN. */
export const startLan: (options: LanOptions) => Lan | undefined = () => undefined

/** Resolves when the current turn of the event loop has run out of work: no timer, no waiting. */
export function turnEnd(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

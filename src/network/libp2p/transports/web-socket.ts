import { WebSocket } from 'ws'

/**
 * The WebSocket transport of js-libp2p dials with the global `WebSocket`, which Node has from version 22 on. The one it listens with serves
 * as well. Delete this file when `engines` starts at Node 22.
 */
if (!('WebSocket' in globalThis)) {
  Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, configurable: true, writable: true })
}

import { WebSocket } from 'ws'

/**
 * The WebSocket transport of js-libp2p dials with the global `WebSocket`, which Node has from version 22 on. The one it listens with serves
 * as well. Delete this file when `engines` starts at Node 22.
 */
if (!('WebSocket' in globalThis)) {
  /** As the standard has it, an error that nobody listens for is nothing: a dial that was given up has no listener left, whatever comes of it. */
  class StandardWebSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.on('error', () => undefined)
    }
  }
  Object.defineProperty(globalThis, 'WebSocket', {
    value: StandardWebSocket,
    configurable: true,
    writable: true
  })
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'

const CHANNEL = 'net.client.socket'

/** Counts what crosses the TCP sockets that this process opens: of links within one process, one end each. */
export class SocketBytes {
  readonly #open = new Set<Socket>()
  #closed = 0

  constructor() {
    subscribe(CHANNEL, this.#onSocket)
  }

  /** Bytes in both directions so far. */
  get total(): number {
    let open = 0
    for (const socket of this.#open) open += bytesOf(socket)
    return this.#closed + open
  }

  stop(): void {
    unsubscribe(CHANNEL, this.#onSocket)
  }

  readonly #onSocket = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return
    const { socket } = message
    if (!(socket instanceof Socket)) return
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#closed += bytesOf(socket)
    })
  }
}

function bytesOf({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten
}

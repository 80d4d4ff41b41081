import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A TCP relay that can stop relaying without closing anything: a link that is dead and does not say so. */
export interface Proxy {
  /** Where to connect, as a multiaddr. */
  readonly address: string
  /** Relay nothing more, in either direction, of the connections open now. */
  freeze(): void
  close(): Promise<void>
}

/** Relay to a TCP multiaddr on this machine. */
export async function createProxy(target: string): Promise<Proxy> {
  const [, , host = '', , port = ''] = target.split('/')
  const sockets = new Set<Socket>()
  const server = createServer((inbound) => {
    const outbound = connect(Number(port), host)
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound]
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `/ip4/127.0.0.1/tcp/${portOf(server.address())}`,
    freeze() {
      for (const socket of sockets) {
        socket.unpipe()
        socket.pause()
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

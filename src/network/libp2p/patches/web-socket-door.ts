import { Server as HttpServer } from 'node:http'
import { Server, Socket } from 'node:net'
import type { Listener, MultiaddrConnection, Transport, UpgraderOptions } from '@libp2p/interface'
import type { Clock } from '../../../clock.js'
import { WEB_SOCKET_UPGRADE_MS } from '../../limits.js'
import type { Handshakes } from '../handshakes.js'
import { hostOf } from '../ip.js'
import { replacing } from './replacing.js'
import type { WebSocketFactory } from './closed-web-sockets.js'

/**
 * WebSockets whose port is guarded from the first moment. The transport of js-libp2p, 10.1, waits without end for the first byte of whoever dials it,
 * counts nobody who waits, and does not end as long as one of them stays.
 */
export const guardedWebSockets =
  (create: WebSocketFactory, handshakes: Handshakes, clock: Clock): WebSocketFactory =>
  (components) => {
    const transport = create(components)
    const createListener: Transport['createListener'] = ({ upgrader }) => {
      const door = new Door(handshakes, clock)
      const upgradeInbound = (connection: MultiaddrConnection, options: UpgraderOptions): Promise<void> =>
        door.leaveFor(() => upgrader.upgradeInbound(connection, options))
      return door.guard(
        transport.createListener({ upgrader: replacing(upgrader, 'upgradeInbound', upgradeInbound) })
      )
    }
    return replacing(transport, 'createListener', createListener)
  }

/** Where connections wait until they are WebSockets. */
class Door {
  readonly #handshakes: Handshakes
  readonly #clock: Clock
  readonly #waiting = new Map<Socket, () => void>()
  /** Who is a WebSocket now; its connection comes in the same turn. */
  #passing: Socket | undefined

  constructor(handshakes: Handshakes, clock: Clock) {
    this.#handshakes = handshakes
    this.#clock = clock
  }

  guard(listener: Listener): Listener {
    const server: unknown = Reflect.get(listener, 'server')
    if (!(server instanceof Server)) throw new Error('The WebSocket listener has another shape')
    server.on('connection', (socket) => {
      this.#enter(socket)
    })
    listener.addEventListener('listening', () => {
      const http: unknown = Reflect.get(listener, 'http')
      if (!(http instanceof HttpServer)) return
      http.prependListener('upgrade', (_request, socket) => {
        this.#passing = socket instanceof Socket ? socket : undefined
      })
    })
    const close = listener.close.bind(listener)
    listener.close = async () => {
      const closed = close()
      for (const socket of this.#waiting.keys()) socket.destroy()
      await closed
    }
    return listener
  }

  /**
   * Have the place of who is a WebSocket now free for its connection; if that comes to nothing, the socket is closed,
   * whatever its other side does.
   */
  async leaveFor(upgrade: () => Promise<void>): Promise<void> {
    const socket = this.#passing
    this.#passing = undefined
    if (socket !== undefined) this.#waiting.get(socket)?.()
    try {
      await upgrade()
    } catch (error) {
      socket?.destroy()
      throw error
    }
  }

  #enter(socket: Socket): void {
    const drop = (): void => {
      socket.destroy()
    }
    const settle = this.#handshakes.admit(hostOf(socket.remoteAddress), drop)
    if (settle === undefined) {
      drop()
      return
    }
    const cancel = this.#clock.schedule(WEB_SOCKET_UPGRADE_MS, drop)
    const leave = (): void => {
      cancel()
      settle()
      this.#waiting.delete(socket)
    }
    this.#waiting.set(socket, leave)
    socket.once('close', leave)
  }
}

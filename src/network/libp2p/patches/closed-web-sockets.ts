import type { MultiaddrConnection, Transport, Upgrader, UpgraderOptions } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { replacing } from './replacing.js'

export type WebSocketFactory = ReturnType<typeof webSockets>

/**
 * WebSockets that are closed when their connection was aborted. The transport of js-libp2p, 10.1, closes those with the code 1006, which no WebSocket
 * takes: they stay open, and the other side takes them for a link. Delete this file when it closes them.
 */
export const closedWebSockets = (): WebSocketFactory => (components) => {
  const transport = webSockets()(components)
  const dial: Transport['dial'] = (address, options) =>
    transport.dial(address, { ...options, upgrader: closing(options.upgrader) })
  const createListener: Transport['createListener'] = (options) =>
    transport.createListener({ ...options, upgrader: closing(options.upgrader) })
  return replacing(replacing(transport, 'dial', dial), 'createListener', createListener)
}

function closing(upgrader: Upgrader): Upgrader {
  const upgradeOutbound = (
    connection: MultiaddrConnection,
    options: UpgraderOptions
  ): ReturnType<Upgrader['upgradeOutbound']> => {
    closeWith(connection)
    return upgrader.upgradeOutbound(connection, options)
  }
  const upgradeInbound = (connection: MultiaddrConnection, options: UpgraderOptions): Promise<void> => {
    closeWith(connection)
    return upgrader.upgradeInbound(connection, options)
  }
  return replacing(replacing(upgrader, 'upgradeOutbound', upgradeOutbound), 'upgradeInbound', upgradeInbound)
}

function closeWith(connection: MultiaddrConnection): void {
  const socket: unknown = Reflect.get(connection, 'websocket')
  connection.addEventListener('close', () => {
    if (isCloseable(socket)) socket.close()
  })
}

function isCloseable(value: unknown): value is { close(): void } {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function'
}

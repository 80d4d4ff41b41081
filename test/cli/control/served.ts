import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'it-length-prefixed'
import { connectToHolder } from '../../../src/cli/control/connect.js'
import type { DistantMessenger } from '../../../src/cli/control/distant-messenger.js'
import { ControlServer, type ControlServerInit } from '../../../src/cli/control/server.js'
import { withSocketPath } from '../../../src/cli/control/socket-place.js'
import { MessengerError, type Messenger } from '../../../src/index.js'

/** What a command says whose other end is gone. */
export const GONE = 'the other end is gone'

/** Has dials of a messenger go on until they are aborted; returns how many were. */
export function dialUntilAborted(messenger: Messenger): () => number {
  let aborted = 0
  messenger.dial = async (_address: string, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        aborted++
        reject(new MessengerError('ABORTED', 'aborted'))
      })
    })
  return () => aborted
}

/** A messenger that is served in a directory of its own, and the commands that work with it. */
export class Served {
  readonly directory: string
  readonly server: ControlServer
  readonly #distant: DistantMessenger[] = []
  wiped = 0

  constructor(messenger: Messenger, more: Partial<ControlServerInit> = {}) {
    this.directory = more.directory ?? mkdtempSync(join(tmpdir(), 'hallig-control-'))
    this.server = new ControlServer({
      messenger,
      directory: this.directory,
      platform: process.platform,
      release: '1',
      passphrase: undefined,
      onWiped: () => {
        this.wiped++
      },
      ...more
    })
  }

  async hello(more: { release?: string; passphrase?: string; wipe?: boolean } = {}) {
    const hello = { release: '1', ...more }
    return await connectToHolder(this.directory, process.platform, hello, () => new Error(GONE))
  }

  async connect(): Promise<DistantMessenger> {
    const connection = await this.hello()
    if (connection.kind !== 'connected') throw new Error(connection.kind)
    this.#distant.push(connection.messenger)
    return connection.messenger
  }

  /** A socket on which a test says what it likes; an end of it is no failure. */
  async raw(): Promise<Socket> {
    return await withSocketPath(this.directory, process.platform, async (path) => {
      const socket = connect(path)
      socket.on('error', () => undefined)
      await new Promise((resolve) => socket.once('connect', resolve))
      return socket
    })
  }

  async end(): Promise<void> {
    await Promise.all(this.#distant.map(async (distant) => distant.close()))
    await this.server.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Serve a messenger for as long as `use` takes. */
export async function withServed(
  messenger: Messenger,
  use: (served: Served) => Promise<void>,
  more: Partial<ControlServerInit> = {}
): Promise<void> {
  const served = new Served(messenger, more)
  try {
    await served.server.listen()
    await use(served)
  } finally {
    await served.end()
  }
}

/** Some bytes as one frame. */
export function framed(bytes: Uint8Array): Uint8Array {
  return encode.single(bytes).subarray()
}

/** Resolves when a socket was closed by the other end. */
export async function closing(socket: Socket): Promise<void> {
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
}

import { chmod } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { decode, encode } from 'it-length-prefixed'
import { MessengerError, type Messenger } from '../../library.js'
import { hangUp } from './channel.js'
import { MAX_COMMAND_FRAME } from './frame.js'
import { decodeHello, encodeWelcome, type Hello, type Welcome } from './hello.js'
import { PassphraseGate } from './passphrase-gate.js'
import { Session } from './session.js'
import { makeSocketPlace, removeSocketPlace, withSocketPath } from './socket-place.js'

/** Commands that are served at a time. */
const MAX_COMMANDS = 32
/** A command says hello at once, ms. */
const HELLO_MS = 10_000

export interface ControlServerInit {
  readonly messenger: Messenger
  readonly directory: string
  readonly platform: NodeJS.Platform
  readonly release: string
  /** What opens the store, if that is a passphrase: commands have to know it, too. */
  readonly passphrase: string | undefined
  /** Called once everything was destroyed, as a command wanted. */
  readonly onWiped: () => void
}

/** Lets other commands work with the messenger of this process, through a socket in its directory. */
export class ControlServer {
  readonly #init: ControlServerInit
  readonly #gate: PassphraseGate
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<Session>()

  constructor(init: ControlServerInit) {
    this.#init = init
    this.#gate = new PassphraseGate(init.passphrase)
    this.#server = createServer((socket) => void this.#serve(socket))
  }

  /** Rejects where there can be no socket, as on some disks. */
  async listen(): Promise<void> {
    const { directory, platform } = this.#init
    await makeSocketPlace(directory, platform)
    await withSocketPath(directory, platform, async (path) => {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject)
        this.#server.listen(path, () => {
          this.#server.off('error', reject)
          resolve()
        })
      })
      if (platform !== 'win32') await chmod(path, 0o600)
    })
    // One that could not be accepted, say for want of file descriptors, tries again.
    this.#server.on('error', () => undefined)
  }

  /** Take no more commands, end what those that are there asked for, and let them know. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    await Promise.all([...this.#sessions].map(async (session) => session.close()))
    for (const socket of this.#sockets) hangUp(socket)
    await closed
    await removeSocketPlace(this.#init.directory)
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => undefined)
    this.#sockets.add(socket)
    try {
      await this.#greet(socket)
    } catch {
      // It went away, or says what no command of ours does.
    } finally {
      hangUp(socket)
      this.#sockets.delete(socket)
    }
  }

  async #greet(socket: Socket): Promise<void> {
    const frames = decode(socket, { maxDataLength: MAX_COMMAND_FRAME })
    const timer = setTimeout(() => socket.destroy(), HELLO_MS)
    const first = await frames.next().finally(() => clearTimeout(timer))
    const hello = first.done === true ? undefined : decodeHello(first.value.subarray())
    if (hello === undefined) return
    const welcome = await this.#answer(hello)
    if (welcome.kind !== 'welcome' || !this.#server.listening) {
      answer(socket, welcome)
      return
    }
    const session = new Session(this.#init.messenger, socket, frames)
    this.#sessions.add(session)
    answer(socket, welcome)
    await session.ended
    this.#sessions.delete(session)
  }

  async #answer(hello: Hello): Promise<Welcome> {
    const { messenger, release, onWiped } = this.#init
    if (hello.wipe === true) {
      try {
        await messenger.wipe()
        return { kind: 'wiped' }
      } catch (error) {
        return refused(error)
      } finally {
        onWiped()
      }
    }
    if (hello.release !== release) return { kind: 'other-release', release }
    if (this.#sockets.size > MAX_COMMANDS)
      return refused(
        new MessengerError('STORE_LOCKED', 'Too many commands are at work here at once; end one of them')
      )
    if (!(await this.#gate.admits(hello.passphrase ?? '')))
      return refused(
        new MessengerError(
          'WRONG_KEY',
          'This key does not open the store: check the passphrase and try again'
        )
      )
    const { id, name } = messenger.identity
    return { kind: 'welcome', id, name }
  }
}

function refused(error: unknown): Welcome {
  return { kind: 'refused', error: error instanceof Error ? error : new Error(String(error)) }
}

function answer(socket: Socket, welcome: Welcome): void {
  socket.write(encode.single(encodeWelcome(welcome)).subarray())
}

import { randomInt } from 'node:crypto'
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Supervision } from './network-unsupervised.js'

/** Where a process runs. */
export interface Surroundings {
  /** A command that it is run under, such as `ip netns exec name`. */
  readonly prefix?: readonly string[]
  /** Find others on the LAN. */
  readonly lan?: boolean
  /** Who looks after its links; `full` if not given. */
  readonly supervision?: Supervision
  /** Whether it is a relay. */
  readonly relay?: boolean
  /** Addresses of relays it is reached through. */
  readonly relays?: readonly string[]
  /** What it runs, a file beside this one; `messenger-child.js` if not given. */
  readonly script?: string
}

/** A running `messenger-child`, or another child that takes and answers lines as it does. */
export class MessengerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #answers = new Map<number, (line: Record<string, unknown>) => void>()
  readonly #watchers = new Set<() => void>()
  #nextId = 1
  #errors = ''
  #end: string | undefined
  /** Messages durable in this run, and received in it. */
  sent = 0
  received = 0
  readonly doubled: unknown[] = []
  opened: { readonly id: string; readonly addresses: readonly string[] } | undefined
  failed: string | undefined
  readonly ended: Promise<string>

  constructor(name: string, args: readonly string[], surroundings: Surroundings = {}) {
    const { prefix = [], lan = false, supervision = 'full', script = 'messenger-child.js' } = surroundings
    const { relay = false, relays = [] } = surroundings
    const file = fileURLToPath(new URL(script, import.meta.url))
    const [command = process.execPath, ...rest] = [...prefix, process.execPath, file, ...args]
    this.#child = spawn(command, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        MESSENGER_NAME: name,
        MESSENGER_SUPERVISION: supervision,
        MESSENGER_RELAYS: relays.join(' '),
        ...(lan ? { MESSENGER_LAN: 'yes' } : {}),
        ...(relay ? { MESSENGER_RELAY: 'yes' } : {})
      }
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#hear(JSON.parse(line))
    })
    this.#child.stderr.on('data', (text: Buffer) => (this.#errors += text.toString()))
    // A killed process no longer reads what was written to it.
    this.#child.stdin.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#end = `code ${String(code)} signal ${String(signal)}`
        this.#notify()
        resolve(this.#end)
      })
    })
  }

  #hear(line: unknown): void {
    if (typeof line !== 'object' || line === null) return
    const facts: Record<string, unknown> = { ...line }
    if (typeof facts['sent'] === 'number') this.sent = facts['sent']
    if (typeof facts['received'] === 'number') this.received = facts['received']
    if ('doubled' in facts) this.doubled.push(facts['doubled'])
    if (typeof facts['failed'] === 'string') this.failed = facts['failed']
    if (typeof facts['opened'] === 'string') {
      const { addresses } = facts
      this.opened = { id: facts['opened'], addresses: Array.isArray(addresses) ? addresses.map(String) : [] }
    }
    if (typeof facts['id'] === 'number') this.#answers.get(facts['id'])?.(facts)
    this.#notify()
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher()
  }

  /** Wait until `predicate` holds; rejects after `limitMs` or when the process ends before. */
  until(what: string, predicate: () => boolean, limitMs = 120_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#watchers.delete(look)
        clearTimeout(timer)
      }
      const look = (): void => {
        if (predicate()) {
          settle()
          resolve()
        } else if (this.#end !== undefined) {
          settle()
          reject(new Error(`The process ended (${this.#end}) before ${what}: ${this.#errors}`))
        }
      }
      const timer = setTimeout(() => {
        settle()
        reject(new Error(`Not within ${String(limitMs)} ms: ${what}; ${this.#errors}`))
      }, limitMs)
      this.#watchers.add(look)
      look()
    })
  }

  /** Ask; rejects with the code of the error, or when the process ends. */
  async ask(verb: string, args: readonly string[] = [], limitMs = 60_000): Promise<unknown> {
    const id = this.#nextId++
    let answer: Record<string, unknown> | undefined
    this.#answers.set(id, (line) => (answer = line))
    this.#child.stdin.write(`${JSON.stringify({ id, verb, args })}\n`)
    await this.until(`an answer to ${verb}`, () => answer !== undefined, limitMs)
    this.#answers.delete(id)
    const error = answer?.['error']
    if (typeof error === 'string') throw new Error(error)
    return answer?.['result']
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Stop it as it stands, as a computer that is suspended, or let it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

/** Ports that systems do not give out by themselves: one of those is another's as soon as a process that had it is dead. */
const [LOWEST_PORT, HIGHEST_PORT] = [20_000, 32_000]

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen(port, () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}

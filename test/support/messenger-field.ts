import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createNamespaces } from '../../examples/demo/namespaces.js'
import type { Contact, MessengerStatus } from '../../src/index.js'
import { MessengerProcess } from './messenger-processes.js'
import { packageRoot } from './package-sources.js'

/** Who lives on which LAN at first. */
const PEOPLE = { ada: 1, ben: 1, cem: 1, dora: 2, emil: 2, finn: 3, gesa: 3 } as const
export const LANS = [1, 2, 3] as const
/** Whose clock can be set wrong. */
const WITH_CLOCK: readonly string[] = ['ben', 'dora', 'finn']
const BOX = 'box'
const PORT = '4040'

/** Bad weather of one cable; see `test/interop/field/switch.py`. */
export interface Weather {
  readonly cut: boolean
  readonly loss: number
  readonly delay: number
  readonly jitter: number
  readonly reorder: number
  readonly duplicate: number
  readonly rate: number
}

export const FAIR: Weather = { cut: false, loss: 0, delay: 0.2, jitter: 0, reorder: 0, duplicate: 0, rate: 0 }

export interface FieldHeld {
  readonly id: string
  readonly own: boolean
  readonly status: string
  readonly position: string
  readonly text: string
}

/** A command that runs what comes behind it beside everything else on the machine. */
const NICE = ['nice', '-n', '5'] as const

/** A switch with a port for each interface. */
class Switch {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers = new Map<number, (result: Record<string, readonly number[]>) => void>()
  #next = 1

  constructor() {
    const script = join(packageRoot, 'test/interop/field/switch.py')
    this.#child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as { id: number; result: Record<string, readonly number[]> }
      this.#answers.get(answer.id)?.(answer.result)
    })
  }

  tell(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  /** Bytes that each port has sent, was given and lost. */
  counts(): Promise<Record<string, readonly number[]>> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#answers.set(id, resolve)
      this.tell({ count: id })
    })
  }

  end(): void {
    this.#child.stdin.end()
  }
}

/** Somebody with a device on a cable. */
export interface FieldPerson {
  readonly name: string
  readonly hasClock: boolean
  lan: number
  host: number
  ahead: number
  /** Whether a fault has the process, or the cable. */
  isProcessBusy: boolean
  isCableBusy: boolean
  child: MessengerProcess | undefined
  pid: number
}

export interface Field {
  readonly directory: string
  readonly people: readonly FieldPerson[]
  /** Who is whose contact. */
  readonly pairs: readonly (readonly [FieldPerson, FieldPerson])[]
  readonly weather: Switch
  /** The cables of the box into each LAN, as ports of the switch. */
  readonly boxPorts: readonly string[]
  boxPid(): number
  boxStart(): Promise<void>
  boxKill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  start(person: FieldPerson): Promise<void>
  /** Commands of `ip` in the namespace of somebody. */
  ip(person: FieldPerson, ...commands: readonly string[]): void
  address(person: FieldPerson): string
  status(person: FieldPerson): Promise<MessengerStatus>
  contacts(person: FieldPerson): Promise<readonly Contact[]>
  history(person: FieldPerson, other: FieldPerson): Promise<readonly FieldHeld[]>
  remove(): Promise<void>
}

/** Three LANs without a way between them but a box that is in all of them, and people on them. */
export async function createField(directory: string): Promise<Field> {
  await mkdir(directory, { recursive: true })
  const names = Object.keys(PEOPLE)
  const tag = `hallig-${randomUUID().slice(0, 6)}`
  const namespaces = createNamespaces(tag, [...names, BOX])
  const weather = new Switch()
  const network = `t-${randomUUID().slice(0, 24)}`
  const people = Object.entries(PEOPLE).map(([name, lan], n): FieldPerson => {
    const busy = { isProcessBusy: false, isCableBusy: false }
    const hasClock = WITH_CLOCK.includes(name)
    return { name, hasClock, lan, host: n + 10, ahead: 0, ...busy, child: undefined, pid: 0 }
  })
  const plug = (port: string, name: string, device: string, lan: number, host: number): void => {
    namespaces.ip(
      name,
      `tuntap add dev ${device} mode tap`,
      `addr add 10.8${String(lan)}.0.${String(host)}/24 dev ${device}`,
      `link set ${device} up`
    )
    weather.tell({ plug: port, namespace: `${tag}-${name}`, interface: device })
    weather.tell({ set: port, lan, ...FAIR })
  }
  let box: ReturnType<typeof spawn> | undefined
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
  const boxArgs = ['--dir', join(directory, BOX), '--network', network, '--json']
  const field: Field = {
    directory,
    people,
    pairs: pairsOf(people),
    weather,
    boxPorts: LANS.map((lan) => `${BOX}${String(lan)}`),
    boxPid: () => box?.pid ?? 0,
    boxStart() {
      const [command, ...rest] = [...NICE, ...namespaces.prefix(BOX), process.execPath, main]
      box = spawn(command, [...rest, ...boxArgs, '--listen', `/ip4/0.0.0.0/tcp/${PORT}`, 'node'], {
        stdio: ['ignore', 'pipe', 'pipe']
      })
      const log = createWriteStream(join(directory, 'box.out'), { flags: 'a' })
      box.stdout?.pipe(log)
      box.stderr?.pipe(createWriteStream(join(directory, 'box.err'), { flags: 'a' }))
      return Promise.resolve()
    },
    async boxKill(signal) {
      const ended = new Promise((resolve) => box?.on('close', resolve))
      if (box?.kill(signal) === true) await ended
    },
    async start(person) {
      const log = join(directory, `${person.name}.log`)
      const args = [join(directory, person.name), network, PORT, log]
      if (person.hasClock) args.push(String(person.ahead))
      const child = new MessengerProcess(person.name, args, {
        prefix: [...NICE, ...namespaces.prefix(person.name)],
        script: 'messenger-field-child.js'
      })
      await child.until('opened', () => child.opened !== undefined || child.failed !== undefined)
      if (child.failed !== undefined) throw new Error(`${person.name}: ${child.failed}`)
      person.child = child
      person.pid = child.pid
    },
    ip(person, ...commands) {
      namespaces.ip(person.name, ...commands)
    },
    address: ({ lan, host }) => `10.8${String(lan)}.0.${String(host)}/24`,
    status: async (person) => (await ask(person, 'status')) as MessengerStatus,
    contacts: async (person) => (await ask(person, 'contacts')) as readonly Contact[],
    history: async (person, other) => (await ask(person, 'history', other.name)) as readonly FieldHeld[],
    async remove() {
      for (const { child } of people) await child?.kill()
      await field.boxKill('SIGKILL')
      weather.end()
      namespaces.remove()
    }
  }
  try {
    for (const { name, lan, host } of people) plug(name, name, 'eth0', lan, host)
    for (const lan of LANS) plug(`${BOX}${String(lan)}`, BOX, `eth${String(lan)}`, lan, 1)
    execFileSync(process.execPath, [main, ...boxArgs.slice(0, 4), 'init', '--name', BOX], { stdio: 'pipe' })
    await field.boxStart()
    for (const person of people) await field.start(person)
    return field
  } catch (error) {
    await field.remove()
    throw error
  }
}

/** Ask the process that somebody has now; rejects when it ends before it has answered. */
export async function ask(person: FieldPerson, verb: string, ...args: readonly string[]): Promise<unknown> {
  if (person.child === undefined) throw new Error(`${person.name} is not there`)
  return await person.child.ask(verb, args, 900_000)
}

/** Everybody knows the next, and who is three further on. */
function pairsOf(people: readonly FieldPerson[]): (readonly [FieldPerson, FieldPerson])[] {
  return people.flatMap((one, n) =>
    [1, 3].flatMap((distance) => {
      const other = people[(n + distance) % people.length]
      return other === undefined ? [] : [[one, other] as const]
    })
  )
}

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { MessageStatus } from '../../src/index.js'
import { freePort, MessengerProcess } from './messenger-processes.js'
import { waitFor } from './network-wait.js'
import { temporaryDirectory } from './store-temporary.js'

/** Who in a ring is dialled by each, counted from itself: so many that half of the ring still hangs together. */
const DIALLED = [1, 3, 5, 8]

/** One messenger of a crowd, as its process is told of it. */
export interface CrowdMember {
  readonly name: string
  readonly path: string
  readonly port: number
  readonly bootstrap: readonly string[]
}

/** A message as somebody holds it. */
export interface Held {
  readonly id: string
  readonly own: boolean
  readonly status: MessageStatus
  readonly text: string
}

/** A ring of messengers on disk, in processes; each knows the next, and the last the first. Neighbours live in different processes. */
export interface Crowd {
  /** Who knows whom: each with the next. */
  readonly pairs: readonly (readonly [one: string, next: string])[]
  /** The number of the process in which somebody lives. */
  homeOf(name: string): number
  /** Start a process with all who live in it. */
  start(home: number): Promise<void>
  /** SIGKILL, to all of these at once. */
  kill(homes: readonly number[]): Promise<void>
  /** Resolves when the message is durable; rejects if the process dies before. */
  say(from: string, to: string, text: string): Promise<void>
  /** What somebody has of the conversation with somebody else, in its order. */
  history(who: string, other: string): Promise<readonly Held[]>
  /** Kill everybody, and leave nothing behind. */
  remove(): Promise<void>
}

/** Start so many processes with so many messengers each, and have neighbours talk once, which may take `limitMs`. */
export async function createCrowd(processes: number, each: number, limitMs: number): Promise<Crowd> {
  const directory = await temporaryDirectory()
  const networkName = `t-${randomUUID().slice(0, 24)}`
  const members = await membersIn(directory.path, processes * each)
  const names = members.map(({ name }) => name)
  const pairs = names.map((name, n) => [name, names[(n + 1) % names.length] ?? ''] as const)
  const homes = Array.from({ length: processes }, (_, n) => n)
  const running = new Map<number, MessengerProcess>()
  const homeOf = (name: string): number => names.indexOf(name) % processes

  const ask = async (verb: string, who: string, ...args: readonly string[]): Promise<unknown> => {
    const child = running.get(homeOf(who))
    if (child === undefined) throw new Error(`Where ${who} lives, nothing runs`)
    return await child.ask(verb, [who, ...args], limitMs)
  }
  const crowd: Crowd = {
    pairs,
    homeOf,
    async start(home) {
      const here = members.filter(({ name }) => homeOf(name) === home).map((member) => JSON.stringify(member))
      const child = new MessengerProcess(`home ${String(home)}`, [networkName, ...here], {
        script: 'messenger-crowd-child.js'
      })
      running.set(home, child)
      await child.until('opened', () => child.opened !== undefined, limitMs)
    },
    async kill(dying) {
      await Promise.all(
        dying.map(async (home) => {
          await running.get(home)?.kill()
          running.delete(home)
        })
      )
    },
    async say(from, to, text) {
      await ask('say', from, to, text)
    },
    async history(who, other) {
      const held = await ask('history', who, other)
      if (!isHistory(held)) throw new Error(`No history: ${JSON.stringify(held)}`)
      return held
    },
    async remove() {
      await crowd.kill([...running.keys()])
      await directory.remove()
    }
  }
  try {
    await Promise.all(homes.map((home) => crowd.start(home)))
    await Promise.all(
      pairs.map(async ([one, next]) => {
        await ask('add', one, String(await ask('card', next)))
        await crowd.say(one, next, 'hello')
        await waitFor(
          `${next} to know ${one}`,
          async () => (await ask('knows', next, one)) === true && (await isDelivered(crowd, one, next)),
          limitMs
        )
      })
    )
    return crowd
  } catch (error) {
    await crowd.remove()
    throw error
  }
}

/** Whether all that somebody said to somebody else has arrived, as far as the first knows. */
export async function isDelivered(crowd: Pick<Crowd, 'history'>, from: string, to: string): Promise<boolean> {
  const history = await crowd.history(from, to)
  return history.filter(({ own }) => own).every(({ status }) => status === 'delivered')
}

async function membersIn(directory: string, count: number): Promise<CrowdMember[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  const taken = [...ports]
  return taken.map((port, n) => {
    const dialled = new Set(DIALLED.map((distance) => taken[(n + distance) % count] ?? port))
    dialled.delete(port)
    const name = `n${String(n)}`
    const bootstrap = [...dialled].map((other) => `/ip4/127.0.0.1/tcp/${String(other)}`)
    return { name, path: join(directory, name), port, bootstrap }
  })
}

function isHistory(value: unknown): value is readonly Held[] {
  return Array.isArray(value) && value.every((held: unknown) => typeof held === 'object' && held !== null)
}

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { MessengerStatus } from '../../src/index.js'
import { MessengerProcess, type Surroundings } from './messenger-processes.js'
import { createNamespaces, type Namespaces } from './network-namespaces.js'
import { temporaryDirectory } from './store-temporary.js'

const POLL_MS = 100

/** What {@link Village.history} tells, of the summary that a process gives. */
export interface HistoryFacts {
  /** How many messages it sent and holds, and how many it was sent. */
  readonly own: number
  readonly theirs: number
  /** Of both, how many different. */
  readonly ids: number
  readonly isTheirsInOrder: boolean
  /** Its own that are not delivered yet. */
  readonly waiting: number
}

/** Whole messengers in processes, each in a network namespace of its own; alice and bob are contacts. */
export interface Village {
  readonly alice: MessengerProcess
  readonly bob: MessengerProcess
  readonly namespaces: Namespaces
  history(person: MessengerProcess): Promise<HistoryFacts>
  /** Since when somebody has had each of its links, epoch ms. */
  links(person: MessengerProcess): Promise<readonly number[]>
  /** Have alice dial bob. */
  link(): Promise<void>
  /** Wait until both hold so many messages of each direction, each once and in order, and know it. Resolves with the milliseconds it took. */
  settled(aliceToBob: number, bobToAlice: number, limitMs: number): Promise<number>
  /** End everything and leave nothing behind. */
  remove(): Promise<void>
}

/**
 * Lay cables from each person to each other, start a messenger at every end, and make alice and bob contacts. Without full supervision
 * nobody finds the others: alice dials bob once.
 */
export async function createVillage(
  others: readonly string[] = [],
  { supervision = 'full' }: Pick<Surroundings, 'supervision'> = {}
): Promise<Village> {
  const names = ['alice', 'bob', ...others]
  const directory = await temporaryDirectory()
  const namespaces = createNamespaces(names)
  const running: MessengerProcess[] = []
  const remove = async (): Promise<void> => {
    await Promise.all(running.map((child) => child.kill()))
    namespaces.remove()
    await directory.remove()
  }
  try {
    let cables = 0
    for (const [n, one] of names.entries()) {
      for (const other of names.slice(n + 1)) {
        cables += 1
        const net = `10.77.${String(cables)}`
        namespaces.cable(one, `${net}.1/24`, other, `${net}.2/24`)
      }
    }
    const network = `t-${randomUUID().slice(0, 24)}`
    const people = await Promise.all(
      names.map(async (name) => {
        const surroundings = { prefix: namespaces.prefix(name), lan: true, supervision }
        const child = new MessengerProcess(name, [join(directory.path, name), network, '0'], surroundings)
        running.push(child)
        return await opened(name, child)
      })
    )
    const [alice, bob] = people
    if (alice === undefined || bob === undefined) throw new Error('Nobody lives here')
    const link = async (): Promise<void> => {
      await alice.ask('dial', [await addressOn(bob, '10.77.1.')])
    }
    if (supervision !== 'full') await link()
    await bob.ask('add', [String(await alice.ask('card'))])
    while ((await alice.ask('knows', [bob.opened?.id ?? ''])) !== true) await delay(POLL_MS)
    return {
      alice,
      bob,
      namespaces,
      remove,
      history,
      links,
      link,
      settled: (...rest) => settled(alice, bob, ...rest)
    }
  } catch (error) {
    await remove()
    throw error
  }
}

async function opened(name: string, child: MessengerProcess): Promise<MessengerProcess> {
  await child.until('opened', () => child.opened !== undefined || child.failed !== undefined)
  if (child.failed !== undefined) throw new Error(`${name}: ${child.failed}`)
  return child
}

async function links(person: MessengerProcess): Promise<readonly number[]> {
  return (await statusOf(person)).peers.map(({ since }) => since)
}

/** Where somebody can be dialled on a cable. An interface has its address some moments after it is up. */
async function addressOn(person: MessengerProcess, net: string): Promise<string> {
  for (;;) {
    const { addresses } = await statusOf(person)
    const address = addresses.find((candidate) => candidate.startsWith(`/ip4/${net}`))
    if (address !== undefined) return address
    await delay(POLL_MS)
  }
}

/** What it says of itself. */
export async function statusOf(person: MessengerProcess): Promise<MessengerStatus> {
  const status = await person.ask('status')
  if (!isStatus(status)) throw new Error(`No status: ${JSON.stringify(status)}`)
  return status
}

function isStatus(value: unknown): value is MessengerStatus {
  return typeof value === 'object' && value !== null && 'peers' in value && 'addresses' in value
}

/** What a process holds. */
export async function history(person: MessengerProcess): Promise<HistoryFacts> {
  const facts = await person.ask('summary')
  if (!isHistoryFacts(facts)) throw new Error(`No summary: ${JSON.stringify(facts)}`)
  return facts
}

function isHistoryFacts(value: unknown): value is HistoryFacts {
  return typeof value === 'object' && value !== null && 'own' in value && 'waiting' in value
}

/** Wait until both hold so many messages of each direction, each once and in order, and know it: {@link Village.settled}. */
export async function settled(
  alice: MessengerProcess,
  bob: MessengerProcess,
  aliceToBob: number,
  bobToAlice: number,
  limitMs: number
): Promise<number> {
  const began = performance.now()
  for (;;) {
    const [mine, theirs] = await Promise.all([history(alice), history(bob)])
    const isDone =
      [mine, theirs].every((facts) => facts.waiting === 0 && facts.isTheirsInOrder) &&
      [mine.own, theirs.theirs].every((count) => count === aliceToBob) &&
      [theirs.own, mine.theirs].every((count) => count === bobToAlice) &&
      [mine.ids, theirs.ids].every((count) => count === aliceToBob + bobToAlice)
    const took = performance.now() - began
    if (isDone) {
      const doubled = [...alice.doubled, ...bob.doubled]
      if (doubled.length > 0) throw new Error(`Told of twice: ${doubled.join(', ')}`)
      return took
    }
    if (took > limitMs) {
      throw new Error(`Not within ${String(limitMs)} ms: ${JSON.stringify({ alice: mine, bob: theirs })}`)
    }
    await delay(POLL_MS)
  }
}

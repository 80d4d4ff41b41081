import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { freePort, MessengerProcess } from './messenger-processes.js'
import { temporaryDirectory } from './store-temporary.js'

export interface Killing {
  readonly seed: number
  /** Messages each way. */
  readonly messages: number
  /** SIGKILLs of each side. */
  readonly kills: number
  /** Milliseconds all of it may take. */
  readonly limitMs: number
}

const NAMES = ['alice', 'bob'] as const
type Name = (typeof NAMES)[number]

/**
 * Two messengers in processes of their own, on disk, over TCP, that send numbered messages to each other while one and
 * the other is killed at seeded moments and started again. Resolves with the milliseconds it took once both hold
 * everything, each once and in one order, and everything is delivered.
 */
export async function talkThroughKills({ seed, messages, kills, limitMs }: Killing): Promise<number> {
  const directory = await temporaryDirectory()
  const random = createSeededRandom(seed)
  const ports = { alice: await freePort(), bob: await freePort() }
  const networkName = `t-${randomUUID().slice(0, 24)}`
  const running = new Map<Name, MessengerProcess>()
  const doubled: unknown[] = []

  async function start(name: Name): Promise<MessengerProcess> {
    const other = name === 'alice' ? 'bob' : 'alice'
    const args = [join(directory.path, name), networkName, String(ports[name])]
    const child = new MessengerProcess(name, [...args, `/ip4/127.0.0.1/tcp/${String(ports[other])}`])
    running.set(name, child)
    await child.until('opened', () => child.opened !== undefined || child.failed !== undefined)
    assert.equal(child.failed, undefined)
    return child
  }

  /** Send everything, dying on the way where it is planned. */
  async function sendAll(name: Name): Promise<void> {
    const moments = Array.from({ length: kills }, () =>
      Math.floor(random.between(0.05, 0.95) * messages)
    ).sort((one, other) => one - other)
    for (const moment of moments) {
      const child = await current(name)
      const sending = child.ask('send', [String(messages)], limitMs).then(
        () => 'sent',
        () => 'killed'
      )
      await Promise.race([
        sending,
        child.until('the moment', () => child.sent >= moment, limitMs).catch(() => undefined)
      ])
      // Not on a boundary of what the process tells.
      await delay(random.between(0, 20))
      doubled.push(...child.doubled)
      await child.kill()
      await sending
      await delay(random.between(0, 300))
      await start(name)
    }
    await (await current(name)).ask('send', [String(messages)], limitMs)
  }

  function current(name: Name): Promise<MessengerProcess> {
    const child = running.get(name)
    return child === undefined ? start(name) : Promise.resolve(child)
  }

  try {
    const [alice, bob] = [await start('alice'), await start('bob')]
    await bob.ask('add', [String(await alice.ask('card'))])
    while ((await alice.ask('knows', [bob.opened?.id ?? ''])) !== true) await delay(20)
    const began = performance.now()
    await Promise.all(NAMES.map(sendAll))
    const end = performance.now() + limitMs
    for (;;) {
      const summaries = await Promise.all(
        NAMES.map(async (name) => await (await current(name)).ask('summary'))
      )
      const problems = summaries.flatMap((summary) => unfinished(summary, messages))
      if (problems.length === 0) {
        assert.equal(digestOf(summaries[0]), digestOf(summaries[1]), 'one order on both sides')
        break
      }
      if (performance.now() > end) assert.fail(`seed ${String(seed)}: ${problems.join('; ')}`)
      await delay(100)
    }
    for (const name of NAMES) doubled.push(...(await current(name)).doubled)
    assert.deepEqual(doubled, [], 'no process was told of a message twice')
    const took = performance.now() - began
    for (const name of NAMES) {
      const child = await current(name)
      assert.equal(await child.ask('close'), 'closed')
      assert.equal(await child.ended, 'code 0 signal null', 'it exits by itself')
    }
    return took
  } finally {
    for (const child of running.values()) await child.kill()
    await directory.remove()
  }
}

function digestOf(summary: unknown): unknown {
  return typeof summary === 'object' && summary !== null && 'digest' in summary ? summary.digest : undefined
}

/** What is not as it should be in the end. */
function unfinished(summary: unknown, messages: number): string[] {
  assert.ok(typeof summary === 'object' && summary !== null)
  const facts: Record<string, unknown> = { ...summary }
  const expected = {
    own: messages,
    theirs: messages,
    ids: 2 * messages,
    isOwnInOrder: true,
    isTheirsInOrder: true,
    waiting: 0
  }
  // More than there should be will not go away.
  assert.ok(Number(facts['own']) <= messages && Number(facts['theirs']) <= messages, JSON.stringify(facts))
  return Object.entries(expected).flatMap(([fact, value]) => {
    return facts[fact] === value ? [] : [`${fact} is ${String(facts[fact])}, not ${String(value)}`]
  })
}

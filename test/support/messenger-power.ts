import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { isSame, removeMissing } from './messenger-promised.js'
import { Tap } from './messenger-tap.js'
import { waitFor } from './network-wait.js'
import type { PowerCutDisk } from './store-power.js'
import { TOPIC } from './messenger-wiretap.js'

const SCRIPT = fileURLToPath(new URL('messenger-power-child.js', import.meta.url))
/** Milliseconds until a process must have done its next thing, on a busy machine. */
const LIMIT_MS = 60_000
/** A run is cut after at most so many milliseconds of writing. */
const LONGEST_MS = 800

const NAMES = ['alice', 'bob'] as const
type Name = (typeof NAMES)[number]

export interface PowerCuts {
  readonly disk: PowerCutDisk
  readonly seed: number
  readonly cuts: number
  readonly durability: 'power-loss' | 'process-crash'
}

/** What became of what two messengers had promised when the power of both was cut again and again. */
export interface PowerLosses {
  /** Messages whose `send` had resolved, in all. */
  sent: number
  /** Those that were not in the sender's store afterwards, and those shown to the recipient that were not in its. */
  lostSent: number
  lostReceived: number
  /** Message keys that sealed two different envelopes. */
  keysReused: number
  /** Messengers that took what the power cut left for a copy of their store. */
  renewed: number
  /** Whether in the end both hold the same messages, each once, and everything is delivered. */
  agree: boolean
}

interface History {
  readonly own: readonly string[]
  readonly theirs: readonly string[]
  readonly waiting: number
  readonly renewed: boolean
}

/** A running `messenger-power-child`, and what it has told so far. */
class Writer {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly sent: string[] = []
  readonly received: string[] = []
  readonly ended: Promise<unknown>
  history: History | undefined
  #answers: unknown[] = []

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.ended = once(this.child, 'close')
    this.child.stdin.on('error', () => undefined)
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const told: unknown = JSON.parse(line)
      assert.ok(typeof told === 'object' && told !== null)
      if ('sent' in told) this.sent.push(String(told.sent))
      else if ('received' in told) this.received.push(String(told.received))
      else if ('answer' in told) this.#answers.push(told.answer)
      else if ('history' in told && isHistory(told.history)) this.history = told.history
    })
  }

  async ask(line: string): Promise<unknown> {
    this.#answers = []
    this.child.stdin.write(`${line}\n`)
    await waitFor(`an answer to ${line.slice(0, 8)}`, () => this.#answers.length > 0, LIMIT_MS)
    return this.#answers[0]
  }

  async askHistory(): Promise<History> {
    const answer = await this.ask('history')
    assert.ok(isHistory(answer))
    return answer
  }
}

/**
 * Two messengers in processes of their own, with both stores on a disk whose power is cut while both write to each other. Both are started
 * again each time, and at last are left in peace until everything is delivered.
 */
export async function writeThroughPowerCuts({
  disk,
  seed,
  cuts,
  durability
}: PowerCuts): Promise<PowerLosses> {
  const random = createSeededRandom(seed)
  const losses: PowerLosses = {
    sent: 0,
    lostSent: 0,
    lostReceived: 0,
    keysReused: 0,
    renewed: 0,
    agree: false
  }
  const promised = new Map(NAMES.map((name) => [name, { own: new Set<string>(), theirs: new Set<string>() }]))
  const tap = new Tap(TOPIC)
  const address = await tap.start()
  let running: Writer[] = []

  function start(name: Name, run: number): Writer {
    const writer = new Writer([join(disk.path, name), name, durability, String(run), address])
    running.push(writer)
    return writer
  }

  /** Start both; what each promised before must be in what it holds. What is gone is counted once. */
  async function startBoth(run: number): Promise<void> {
    running = []
    for (const name of NAMES) start(name, run)
    for (const [n, name] of NAMES.entries()) {
      await waitFor(`${name} to open`, () => running[n]?.history !== undefined, LIMIT_MS)
      const { own = [], theirs = [] } = running[n]?.history ?? {}
      const before = promised.get(name)
      losses.lostSent += removeMissing(before?.own, own)
      losses.lostReceived += removeMissing(before?.theirs, theirs)
    }
  }

  async function endBoth(): Promise<void> {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ ended }) => ended))
    for (const [n, name] of NAMES.entries()) {
      for (const text of running[n]?.sent ?? []) promised.get(name)?.own.add(text)
      for (const text of running[n]?.received ?? []) promised.get(name)?.theirs.add(text)
      losses.sent += running[n]?.sent.length ?? 0
    }
  }

  /** They meet, and that is safe on the disk whatever the durability is. */
  async function meet(): Promise<void> {
    await startBoth(0)
    const [alice, bob] = running
    await bob?.ask(`add ${String(await alice?.ask('card'))}`)
    while ((await alice?.ask('contacts')) !== 1) await delay(50)
    for (const writer of running) await writer.ask('close')
    await endBoth()
    disk.flush()
  }

  /** Wait until nothing waits any more. However much does, it goes on as long as it becomes less: a backlog is bounded by its steps. */
  async function settle(): Promise<void> {
    let [least, since] = [Infinity, performance.now()]
    while (least > 0 && performance.now() - since < LIMIT_MS) {
      const waiting = await Promise.all(running.map(async (writer) => Number(await writer.ask('waiting'))))
      const sum = waiting.reduce((one, other) => one + other)
      if (sum < least) [least, since] = [sum, performance.now()]
      await delay(100)
    }
    const [alice, bob] = await Promise.all(running.map((writer) => writer.askHistory()))
    assert.ok(alice !== undefined && bob !== undefined)
    losses.renewed = [alice, bob].filter(({ renewed }) => renewed).length
    losses.agree = least === 0 && isSame(alice.own, bob.theirs) && isSame(bob.own, alice.theirs)
  }

  try {
    await meet()
    for (let run = 1; run <= cuts; run += 1) {
      await startBoth(run)
      // Sessions that were lost with what the disk had not written may not be heard again.
      const mayHear = durability === 'power-loss' || run === 1
      const isAtStake = ({ sent, received }: Writer): boolean =>
        sent.length > 0 && (received.length > 0 || !mayHear)
      await waitFor('both to write and to hear', () => running.every(isAtStake), LIMIT_MS)
      await delay(random.between(0, LONGEST_MS))
      for (const { child } of running) child.kill('SIGSTOP')
      disk.cut()
      await endBoth()
      disk.restart()
    }
    await startBoth(0)
    await settle()
    await endBoth()
    return { ...losses, keysReused: tap.keysReused }
  } finally {
    await endBoth()
    await tap.network.stop()
  }
}

function isHistory(value: unknown): value is History {
  return typeof value === 'object' && value !== null && 'own' in value && 'theirs' in value
}

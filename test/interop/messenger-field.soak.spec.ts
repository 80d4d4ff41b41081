import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { storm } from '../support/messenger-field-faults.js'
import { ask, createField, FAIR, type Field, type FieldPerson } from '../support/messenger-field.js'
import { canMakeNamespaces } from '../support/network-namespaces.js'
import { freshSeed } from '../support/store-random.js'

const ROUNDS = Number(process.env['FIELD_ROUNDS'] ?? 3)
const STORM_S = Number(process.env['FIELD_STORM'] ?? 420)
const IDLE_S = Number(process.env['FIELD_IDLE'] ?? 90)
/** Seconds in which everything has to be delivered once the network is healed. */
const HEALED_S = 360
const SAMPLE_MS = 10_000
/** What cables are like in every other round: less than what is said needs. */
const NARROW = { ...FAIR, rate: 20_000 }

interface Direction {
  readonly from: FieldPerson
  readonly to: FieldPerson
  readonly acknowledged: string[]
}

describe('seven messengers and a box on three LANs in bad weather', function () {
  this.timeout(3_600_000)
  const seed = Number(process.env['FIELD_SEED'] ?? freshSeed())

  it(`lose, double and disorder nothing, come back to each other, and rest when nothing happens (seed ${String(seed)})`, async function () {
    if (!canMakeNamespaces()) return this.skip()
    const directory = process.env['FIELD_LOG'] ?? (await mkdtemp(join(tmpdir(), 'hallig-field-')))
    const random = createSeededRandom(seed)
    const began = Date.now()
    const say = (what: string): void => {
      const line = `${((Date.now() - began) / 1_000).toFixed(1)} ${what}\n`
      appendFileSync(join(directory, 'story.txt'), line)
    }
    const field = await createField(directory)
    const problems: string[] = []
    const complain = (what: string): void => {
      say(`PROBLEM ${what}`)
      problems.push(what)
    }
    const sampling = setInterval(() => {
      void sample(field, directory)
    }, SAMPLE_MS)
    try {
      say(`seed ${String(seed)}`)
      for (const [one, other] of field.pairs) await ask(other, 'add', String(await ask(one, 'card')))
      const directions = field.pairs.flatMap(([from, to]): Direction[] => [
        { from, to, acknowledged: [] },
        { from: to, to: from, acknowledged: [] }
      ])
      for (const { from, to, acknowledged } of directions.filter((_, n) => n % 2 === 1)) {
        await ask(from, 'say', to.name, `${from.name} ${to.name} hello`)
        acknowledged.push(`${from.name} ${to.name} hello`)
      }
      await settle(field, directions, say, complain)
      for (let round = 1; round <= ROUNDS; round += 1) {
        say(`round ${String(round)}`)
        const over = new AbortController()
        setMaxListeners(0, over.signal)
        const talking = directions.map((direction) => talk(direction, random, over.signal))
        const watching = watchStatuses(field, random, over.signal, complain)
        await storm(field, random, STORM_S, say, round % 2 === 0 ? NARROW : FAIR)
        over.abort()
        await Promise.all([...talking, watching])
        await linked(field, say, complain)
        await settle(field, directions, say, complain)
        await rest(field, say)
      }
      await check(field, directions, complain)
      for (const { name, child } of field.people)
        if (child !== undefined && child.doubled.length > 0)
          complain(`${name} was told twice of ${child.doubled.join()}`)
      for (const person of field.people) {
        await ask(person, 'close')
        assert.equal(await person.child?.ended, 'code 0 signal null')
        await field.start(person)
      }
    } finally {
      clearInterval(sampling)
      await field.remove()
    }
    for (const name of readdirSync(directory).filter((file) => file.endsWith('.log')))
      for (const line of readFileSync(join(directory, name), 'utf8').split('\n'))
        if (/"kind":"(warn|warning|uncaught|identity:\w+|storage:update|failed)"/.test(line))
          complain(`${name}: ${line}`)
    assert.deepEqual(problems, [], `see ${directory}`)
  })
})

/** Say something now and then, and sometimes much at once. */
async function talk(
  direction: Direction,
  random: ReturnType<typeof createSeededRandom>,
  over: AbortSignal
): Promise<void> {
  const { from, to, acknowledged } = direction
  while (!over.aborted) {
    const pause = random.between(1, 25) * 1_000
    await delay(pause, undefined, { signal: over }).catch(() => undefined)
    for (let burst = random.chance(0.05) ? 20 : 1; burst > 0; burst -= 1) {
      const text = `${from.name} ${to.name} ${String(acknowledged.length)} ${'x'.repeat(random.between(0, 600))}`
      const kind = random.number()
      const priority = kind < 0.1 ? 'emergency' : kind < 0.3 ? 'urgent' : 'routine'
      try {
        await ask(from, 'say', to.name, text, priority)
        acknowledged.push(text)
        if (random.chance(0.1)) await ask(from, 'mark-read', to.name)
      } catch {
        // It is dead, or closed.
        break
      }
    }
  }
}

/** What somebody takes for delivered is with the other. */
async function watchStatuses(
  field: Field,
  random: ReturnType<typeof createSeededRandom>,
  over: AbortSignal,
  complain: (what: string) => void
): Promise<void> {
  while (!over.aborted) {
    await delay(5_000, undefined, { signal: over }).catch(() => undefined)
    const [one, other] = field.pairs[Math.floor(random.number() * field.pairs.length)] ?? []
    if (one === undefined || other === undefined) continue
    try {
      const claimed = (await field.history(one, other)).filter(
        ({ own, status }) => own && ['delivered', 'read'].includes(status)
      )
      const held = new Set((await field.history(other, one)).map(({ id }) => id))
      for (const { id, status } of claimed)
        if (!held.has(id)) complain(`${one.name} takes ${id} for ${status}, and ${other.name} lacks it`)
    } catch {
      // One of them is not there.
    }
  }
}

/** Wait until everybody is linked to the box and to who is on the same LAN. */
async function linked(
  field: Field,
  say: (what: string) => void,
  complain: (what: string) => void
): Promise<void> {
  const began = performance.now()
  const left = new Map(field.people.map((person) => [person, '']))
  while (left.size > 0) {
    const seconds = (performance.now() - began) / 1_000
    for (const person of left.keys()) {
      const { peers } = await field.status(person)
      const mates = field.people.filter(({ lan }) => lan === person.lan).length
      const there = new Set(peers.filter(({ takesPart }) => takesPart).map(({ peer }) => peer)).size
      left.set(person, `${String(there)} of ${String(mates)} links`)
      if (there < mates) continue
      left.delete(person)
      say(
        `${person.name} has all ${String(mates)} links of LAN ${String(person.lan)} after ${seconds.toFixed(1)} s`
      )
    }
    if (seconds > 120) {
      for (const [{ name, lan }, what] of left)
        complain(`${name} on LAN ${String(lan)} has ${what} after 120 s`)
      return
    }
    await delay(500)
  }
}

/** Wait until everything is delivered, and known to be. */
async function settle(
  field: Field,
  directions: readonly Direction[],
  say: (what: string) => void,
  complain: (what: string) => void
): Promise<void> {
  const began = performance.now()
  let left = [...directions]
  while (left.length > 0) {
    const next: Direction[] = []
    for (const direction of left) {
      const { from, to } = direction
      const own = (await field.history(from, to)).filter((held) => held.own)
      if (own.some(({ status }) => status === 'queued' || status === 'sent')) next.push(direction)
    }
    left = next
    const seconds = (performance.now() - began) / 1_000
    if (seconds > HEALED_S) {
      complain(
        `not delivered after ${String(HEALED_S)} s: ${left.map(({ from, to }) => `${from.name} to ${to.name}`).join(', ')}`
      )
      return
    }
    await delay(500)
  }
  say(`all is delivered after ${((performance.now() - began) / 1_000).toFixed(1)} s`)
}

interface Used {
  readonly ticks: number
  readonly rss: number
  readonly handles: number
}

function usedBy(pid: number): Used | undefined {
  try {
    const stat =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? []
    const handles = readdirSync(`/proc/${String(pid)}/fd`).length
    return { ticks: Number(stat[11]) + Number(stat[12]), rss: Number(stat[21]) * 4_096, handles }
  } catch {
    return undefined
  }
}

function usedByAll(field: Field): Map<string, Used> {
  const all: [string, number][] = [
    ['box', field.boxPid()],
    ...field.people.map(({ name, pid }): [string, number] => [name, pid])
  ]
  return new Map(
    all.flatMap(([name, pid]): [string, Used][] => {
      const used = usedBy(pid)
      return used === undefined ? [] : [[name, used]]
    })
  )
}

async function sample(field: Field, directory: string): Promise<void> {
  const bytes = await field.weather.counts()
  const line = { at: Date.now(), used: Object.fromEntries(usedByAll(field)), bytes }
  appendFileSync(join(directory, 'samples.jsonl'), `${JSON.stringify(line)}\n`)
}

/** Nobody says anything for a while: what it costs. */
async function rest(field: Field, say: (what: string) => void): Promise<void> {
  await delay(20_000)
  const [before, bytesBefore] = [usedByAll(field), await field.weather.counts()]
  await delay(IDLE_S * 1_000)
  const [after, bytesAfter] = [usedByAll(field), await field.weather.counts()]
  for (const [name, { ticks, rss, handles }] of after) {
    const percent = (ticks - (before.get(name)?.ticks ?? 0)) / IDLE_S
    const ports = name === 'box' ? field.boxPorts : [name]
    const sent = ports.reduce(
      (sum, port) => sum + (bytesAfter[port]?.[0] ?? 0) - (bytesBefore[port]?.[0] ?? 0),
      0
    )
    const usage = name === 'box' ? '' : JSON.stringify(await usageOf(field, name))
    say(
      `idle ${name}: ${percent.toFixed(2)} % of a processor, ${((sent * 60) / IDLE_S).toFixed(0)} B/min sent, ` +
        `${(rss / 1e6).toFixed(0)} MB, ${String(handles)} handles ${usage}`
    )
  }
}

async function usageOf(field: Field, name: string): Promise<unknown> {
  const person = field.people.find((candidate) => candidate.name === name)
  return person === undefined ? undefined : await ask(person, 'usage')
}

/** Everything that was acknowledged is with both, once and in one order, and nobody has been taken for somebody else. */
async function check(
  field: Field,
  directions: readonly Direction[],
  complain: (what: string) => void
): Promise<void> {
  for (const { from, to, acknowledged } of directions) {
    const [mine, theirs] = [await field.history(from, to), await field.history(to, from)]
    const where = `${from.name} and ${to.name}`
    if (mine.map(({ id, text }) => id + text).join() !== theirs.map(({ id, text }) => id + text).join())
      complain(`${where} hold different histories: ${String(mine.length)} and ${String(theirs.length)}`)
    if (new Set(mine.map(({ id }) => id)).size !== mine.length) complain(`${where}: doubled`)
    if (mine.some(({ position }, n) => n > 0 && position <= (mine[n - 1]?.position ?? '')))
      complain(`${where}: not in order of position`)
    const texts = mine.filter(({ own }) => own).map(({ text }) => text)
    // One whose acknowledgement was lost by a kill may be there as well, in between.
    const known = new Set(acknowledged)
    const kept = texts.filter((text) => known.has(text))
    if (kept.join() !== acknowledged.join())
      complain(`${where}: something acknowledged is lost or out of order`)
  }
  for (const person of field.people) {
    for (const contact of await field.contacts(person))
      if (contact.blocked || contact.change !== undefined || contact.session !== 'established')
        complain(`${person.name} has ${JSON.stringify(contact)}`)
    const status = await field.status(person)
    if (
      status.storage !== 'ok' ||
      status.contested ||
      status.renewal !== undefined ||
      status.outbox.messages > 0
    )
      complain(`${person.name}: ${JSON.stringify(status)}`)
  }
}

import { countRepeats, fateOf, findFaults, type Entry, type Fate, type Side } from './check.js'
import type { PersonProcess } from './person-process.js'
import { inMilliseconds, quantile, roundTrips } from './round-trips.js'
import { routesOf, throughOutages, type PathOf } from './routes.js'
import { everybody, type Stage } from './stage.js'
import { readStore } from './stores.js'
import { routeTable, table, type Route, type Row } from './summary.js'

/** One author, the reader, and what lies in both stores. */
interface Direction {
  readonly from: PersonProcess
  readonly to: PersonProcess
  readonly fate: Fate
}

/** All leave, in their own time. */
export async function closeAll(stage: Stage): Promise<void> {
  const { observer, timeline } = stage
  timeline.heading('What the stores say')
  await Promise.all([...everybody(stage), observer].map((one) => one.close()))
  timeline.entry('Everybody', 'closed; the processes ended by themselves')
}

/** The six stores are opened and compared. */
export async function compareStores(stage: Stage): Promise<void> {
  const { alice, bob, dora, plan, timeline } = stage
  await readCarriers(stage)
  const faults: string[] = []
  const directions: Direction[] = []
  for (const [one, other, wanted] of [
    [alice, bob, plan.messages],
    [alice, dora, 1]
  ] as const) {
    const [hers, theirs] = [await sideOf(one, other, wanted), await sideOf(other, one, wanted)]
    const found = findFaults(hers, theirs)
    faults.push(...found)
    const verdict = found.length === 0 ? ': the same ones in the same places' : ''
    const [count, counterpart] = [theirs.entries.length, hers.entries.length]
    timeline.entry(other.name, `has ${count} messages with Alice, who has ${counterpart}${verdict}`)
    directions.push({ from: one, to: other, fate: fateOf(hers.entries, theirs.entries) })
    directions.push({ from: other, to: one, fate: fateOf(theirs.entries, hers.entries) })
  }
  const repeats = directions.reduce((sum, { from, to }) => sum + countRepeats(to.with(from).announced), 0)
  if (repeats > 0) faults.push(`${repeats} messages were announced twice`)
  timeline.heading('How each message came')
  timeline.lines(routeTable(routes(stage)))
  timeline.note(
    'Carriers: other nodes that said they held it on its way. Time: from writing to arriving, of several the one in the middle.'
  )
  timeline.heading('Summary')
  timeline.lines(summary(stage, directions))
  timeline.note(
    'With receipt: from writing to knowing that it arrived; of Alice and Bob without what had to wait while one of them was dead.'
  )
  if (faults.length > 0) throw new Error(faults.join('; '))
}

/** Those who only carried: they know nobody, and have nothing to read. */
async function readCarriers({ carol, emil, frieda, timeline }: Stage): Promise<void> {
  for (const person of [carol, emil, frieda]) {
    const { envelopes, conversations } = await readStore(person)
    if (conversations.size > 0) throw new Error(`${person.name}, who only carries, has got a conversation`)
    timeline.entry(person.name, `carries ${envelopes} envelopes and can open none of them`)
  }
}

async function sideOf(person: PersonProcess, other: PersonProcess, wanted: number): Promise<Side> {
  const { conversations } = await readStore(person)
  const entries: readonly Entry[] = conversations.get(other.id) ?? []
  return { name: person.name, entries, wanted }
}

function routes({ alice, bob, dora, outages }: Stage): Route[] {
  const row = (from: PersonProcess, to: PersonProcess, pathOf: PathOf): Route[] =>
    routesOf(`${from.name} → ${to.name}`, from.with(to), to.with(from), pathOf)
  const chat = throughOutages(outages, 'waits until both are back')
  return [
    ...row(alice, bob, chat),
    ...row(bob, alice, chat),
    ...row(alice, dora, () => 'Carol, on foot'),
    ...row(dora, alice, () => 'Emil, stick, Bob')
  ]
}

function summary({ dora, outages: chatOutages }: Stage, directions: readonly Direction[]): string[] {
  const count = (label: string, of: (fate: Fate) => number): Row => ({
    label,
    values: directions.map(({ fate }) => of(fate))
  })
  const time = (label: string, share: number): Row => ({
    label,
    values: directions.map(({ from, to }) => {
      const { writtenAt, deliveredAt } = from.with(to)
      // A letter always waits: that is what its time is.
      const outages = from === dora || to === dora ? [] : chatOutages
      return inMilliseconds(quantile(roundTrips(writtenAt, deliveredAt, outages).values(), share))
    })
  })
  return table([
    { label: '', values: directions.map(({ from, to }) => `${from.name} → ${to.name}`) },
    count('messages', ({ written }) => written),
    count('delivered', ({ delivered }) => delivered),
    count('read', ({ read }) => read),
    count('lost', ({ lost }) => lost),
    count('duplicates', ({ duplicates }) => duplicates),
    count('out of order', ({ outOfOrder }) => outOfOrder),
    time('with receipt, median', 0.5),
    time('with receipt, 99 %', 0.99)
  ])
}

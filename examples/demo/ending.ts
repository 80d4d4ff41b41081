import { createMessenger } from 'hallig'
import { base32 } from 'multiformats/bases/base32'
import type { Return } from './conversation.js'
import { countRepeats, fateOf, findFaults, type Entry, type Fate } from './check.js'
import { alicesTotal } from './conversation.js'
import { readHistory } from './history.js'
import { topicOf } from './meeting.js'
import type { PersonProcess } from './person-process.js'
import type { Secret, Sight } from './reports.js'
import { inMilliseconds, inSeconds, quantile, roundTrips } from './round-trips.js'
import type { Stage } from './stage.js'
import { table, type Row } from './summary.js'
import { allSentences, numberIn } from './texts.js'

/** What random bytes shrink to, at best, in percent. */
const INCOMPRESSIBLE = 99

/** What the observer saw; fails if it saw what it must not. */
export async function askObserver(stage: Stage): Promise<void> {
  const { alice, bob, observer, timeline } = stage
  timeline.heading('What the observer saw')
  const secrets = [...(await secretsOf(alice)), ...(await secretsOf(bob)), ...textSecrets()]
  const sight = await observer.search(secrets)
  for (const line of describe(sight)) timeline.entry('Observer', line)
  const topics = Object.keys(sight.topics)
  if (sight.envelopes === 0) throw new Error('The observer saw nothing, so it proves nothing')
  if (topics.some((topic) => topic !== topicOf(stage)))
    throw new Error(`The observer saw topics ${topics.join(', ')}`)
  if (sight.signed > 0) throw new Error(`The observer saw ${sight.signed} messages that name their author`)
  if (sight.found.length > 0) throw new Error(`The observer recognised ${sight.found.join(', ')}`)
  if (sight.compressedTo < INCOMPRESSIBLE)
    throw new Error('The observer could compress what it saw: it is not random')
}

async function secretsOf(person: PersonProcess): Promise<Secret[]> {
  const { name, id, fullName } = person
  // A full card has everything public: the identity's keys, the prekeys, the name, the addresses.
  const card = await person.card('full', true)
  return [
    { name: `${name}'s identity id`, hex: toHex(base32.baseDecode(id)) },
    { name: `${name}'s identity id as text`, hex: toHex(Buffer.from(id)) },
    { name: `${name}'s name`, hex: toHex(Buffer.from(fullName)) },
    { name: `${name}'s keys`, hex: toHex(Buffer.from(card.replace('hallig:', ''), 'base64url')) }
  ]
}

function textSecrets(): Secret[] {
  return allSentences().map((text) => ({ name: `the text “${text}”`, hex: toHex(Buffer.from(text)) }))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function describe(sight: Sight): string[] {
  const sizes = Object.entries(sight.envelopeSizes).map(([size, count]) => `${count} of ${size}`)
  const { smallest, median, largest } = sight.parcelSizes
  return [
    `topic ${Object.keys(sight.topics).join(', ')}: ${sight.parcels} parcels, ${(sight.bytes / 1000).toFixed(0)} kB`,
    `parcels of ${smallest} to ${largest} bytes, half of them up to ${median}`,
    `${sight.envelopes} envelopes (${sight.distinct} different ones): ${sizes.join(', ')} bytes`,
    `author or signature on ${sight.signed} of them; sealed parts compress to ${sight.compressedTo.toFixed(1)} %`,
    `looked for ids, names, keys and texts (${sight.searched} bytes), any 8 in a row: found ${sight.found.length}`
  ]
}

/** Everybody leaves; then both stores are read and compared. */
export async function compareStores(stage: Stage, bobsReturn: Return): Promise<void> {
  const { alice, bob, observer, plan, timeline } = stage
  timeline.heading('What the stores say')
  await Promise.all([alice.close(), bob.close(), observer.close()])
  timeline.entry('Everybody', 'closed; the processes ended by themselves')
  const [alices, bobs] = [await entriesOf(alice), await entriesOf(bob)]
  const wanted = { alice: alicesTotal(plan.messages), bob: plan.messages }
  const faults = findFaults(alices, bobs, wanted)
  const repeats = countRepeats(alice.announced) + countRepeats(bob.announced)
  if (repeats > 0) faults.push(`${repeats} messages were announced twice`)
  timeline.entry('Alice', `has ${alices.length} messages`)
  timeline.entry(
    'Bob',
    `has ${bobs.length} messages${faults.length === 0 ? ', the same ones in the same places' : ''}`
  )
  timeline.heading('Summary')
  timeline.lines(summary(stage, fateOf(alices, bobs), fateOf(bobs, alices), bobsReturn))
  if (faults.length > 0) throw new Error(faults.join('; '))
}

/** What lies in somebody's store, read by nobody's process but ours. */
async function entriesOf({ path }: PersonProcess): Promise<Entry[]> {
  const messenger = await createMessenger({ path, start: false })
  try {
    const conversations = await messenger.conversations.list()
    const histories = await Promise.all(conversations.map(({ id }) => readHistory(messenger, id)))
    return histories.flat().map(({ id, position, own, status, content }) => {
      const text = content.kind === 'text' ? content.text : ''
      return { id, position, own, status, text, number: numberIn(text) }
    })
  } finally {
    await messenger.close()
  }
}

function summary(stage: Stage, alices: Fate, bobs: Fate, bobsReturn: Return): string[] {
  const { alice, bob, outages } = stage
  const timesOf = (start: PersonProcess, end: ReadonlyMap<number, number>): number[] => [
    ...roundTrips(start.writtenAt, end, outages).values()
  ]
  const ways = [timesOf(alice, bob.receivedAt), timesOf(bob, alice.receivedAt)] as const
  const trips = [timesOf(alice, alice.deliveredAt), timesOf(bob, bob.deliveredAt)] as const
  const count = (label: string, of: (fate: Fate) => number): Row => [label, of(alices), of(bobs)]
  const time = (label: string, [there, back]: typeof ways, share: number): Row => [
    label,
    inMilliseconds(quantile(there, share)),
    inMilliseconds(quantile(back, share))
  ]
  return [
    ...table([
      count('messages', ({ written }) => written),
      count('delivered', ({ delivered }) => delivered),
      count('read', ({ read }) => read),
      count('lost', ({ lost }) => lost),
      count('duplicates', ({ duplicates }) => duplicates),
      count('out of order', ({ outOfOrder }) => outOfOrder),
      ['written while Bob was gone', bobsReturn.missed, ''],
      time('one way, median', ways, 0.5),
      time('round trip with receipt, median', trips, 0.5),
      time('round trip with receipt, 99 of 100', trips, 0.99)
    ]),
    '',
    `  Bob's restart: up after ${inSeconds(bobsReturn.upAfter)}, had everything after ${inSeconds(bobsReturn.caughtUpAfter)}`
  ]
}

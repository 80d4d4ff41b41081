import type { Island } from './islands.js'
import { areLinked, type PersonProcess } from './person-process.js'
import { showMessage } from './showing.js'
import { everybody, type Stage } from './stage.js'
import { textOf } from './texts.js'

/** Characters of a card or an id that are shown. */
const SHOWN = 24

/** Everybody starts; on each island all find each other, and nobody finds the other island. The observer joins. */
export async function findEachOther(stage: Stage): Promise<void> {
  const { islands, timeline } = stage
  timeline.heading('Six people on two islands')
  await Promise.all(
    everybody(stage).map(async (person) => {
      const { id } = await person.start()
      timeline.entry(person.name, `is up: process ${person.process.pid}, identity ${id.slice(0, SHOWN)}…`)
    })
  )
  for (const person of everybody(stage)) islands.arrive(person)
  for (const island of ['Langeness', 'Hooge'] as const) await lookAround(stage, island)
  await observe(stage)
}

export function topicOf({ network }: Stage): string {
  return `/hallig/1/${network}/0`
}

function peopleOn(stage: Stage, island: Island): PersonProcess[] {
  return everybody(stage).filter(({ name }) => stage.islands.islandOf(name) === island)
}

async function lookAround(stage: Stage, island: Island): Promise<void> {
  const here = peopleOn(stage, island)
  const pairs = here.flatMap((one, index) => here.slice(index + 1).map((other) => [one, other] as const))
  for (const [one, other] of pairs) await untilLinked(one, other)
  const how = stage.islands.isFoundByMulticast ? 'found each other by multicast' : 'dialled each other'
  const names = `${here
    .map(({ name }) => name)
    .slice(0, -1)
    .join(', ')} and ${here.at(-1)?.name ?? ''}`
  stage.timeline.entry(island, `${names} ${how}; each has a link to each, no server between`)
}

/** Wait until two are linked; it is the second that may fail to be. */
export async function untilLinked(one: PersonProcess, other: PersonProcess): Promise<void> {
  const what = `get a link to ${other.name}`
  // Whoever has no address of its own is known to the one who dialled only by its links.
  const side = one.addresses.length > 0 && other.addresses.length === 0 ? other : one
  await side.process.until(what, () => areLinked(one, other))
}

/** Fails if somebody has a link to the other island. */
export function checkSeparation(stage: Stage): void {
  for (const one of peopleOn(stage, 'Langeness')) {
    const other = peopleOn(stage, 'Hooge').find((candidate) => areLinked(one, candidate))
    if (other !== undefined) throw new Error(`${one.name} has a link to ${other.name} across the water`)
  }
}

async function observe(stage: Stage): Promise<void> {
  const { observer, timeline } = stage
  checkSeparation(stage)
  timeline.entry('Everybody', 'has no link to anybody on the other island')
  const topic = topicOf(stage)
  await observer.watch(topic)
  for (const person of peopleOn(stage, 'Langeness')) await observer.linkTo(person)
  timeline.entry('Observer', `sits on Langeness, a bare gossipsub node in ${topic}: process ${observer.pid}`)
}

/** Bob, who is back, has another process: the observer links to that one too. */
export async function observeBob({ observer, bob }: Stage): Promise<void> {
  await observer.linkTo(bob)
}

/** Cards change hands; the first words of Alice and Bob go both ways; both compare the safety number. */
export async function getAcquainted(stage: Stage): Promise<void> {
  const { alice, bob, dora, timeline } = stage
  timeline.heading('Getting acquainted')
  const paper = await dora.card('full', false)
  timeline.entry('Dora', `printed her full contact card weeks ago: ${paper.length} characters with all keys`)
  timeline.entry('Alice', `copies it from the paper: “${await alice.addCard(paper)}”`)
  const card = await bob.card('short', false)
  timeline.entry('Bob', `hands Alice a short card of ${card.length} characters: ${card.slice(0, SHOWN)}…`)
  timeline.entry('Alice', `adds “${await alice.addCard(card)}”`)
  await firstWords(stage, alice, bob)
  await firstWords(stage, bob, alice)
  const [one, other] = await Promise.all([alice.safetyNumberWith(bob), bob.safetyNumberWith(alice)])
  timeline.entry('Alice', `computes the safety number\n${inTwoLines(one)}`)
  timeline.entry('Bob', `computes the safety number\n${inTwoLines(other)}`)
  if (one !== other) throw new Error('The two safety numbers differ: somebody sits between Alice and Bob')
  timeline.entry('Both', 'have the same: nobody sits between them')
}

/** Twelve groups of digits as they are read out: six and six. */
function inTwoLines(digits: string): string {
  const groups = digits.split(' ')
  return `${groups.slice(0, 6).join(' ')}\n${groups.slice(6).join(' ')}`
}

async function firstWords({ timeline }: Stage, from: PersonProcess, to: PersonProcess): Promise<void> {
  await from.write(to, [textOf(1)])
  await to.process.until(`get the first message of ${from.name}`, () => to.with(from).received === 1)
  await from.process.until('learn that the first message is delivered', () =>
    from.with(to).deliveredAt.has(1)
  )
  timeline.entry(from.name, showMessage(from.with(to), 1))
}

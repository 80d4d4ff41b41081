import { networkInterfaces } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { PersonProcess } from './person-process.js'
import type { Stage } from './stage.js'
import { showAddress, showMessage } from './showing.js'

/** How long to look for each other by multicast before an address has to help, ms. */
const DISCOVERY_MS = 6_000
/** Characters of a card or an id that are shown. */
const SHOWN = 24

/** Everybody starts, the two find each other, the observer joins. */
export async function findEachOther(stage: Stage): Promise<void> {
  const { alice, bob, observer, timeline } = stage
  timeline.heading('Finding each other')
  await Promise.all(
    [alice, bob].map(async (person) => {
      const { id } = await person.start()
      timeline.entry(person.name, `is up: process ${person.process.pid}, identity ${id.slice(0, SHOWN)}…`)
    })
  )
  await discover(stage)
  const topic = topicOf(stage)
  await observer.watch(topic)
  await observer.linkTo(alice)
  await observer.linkTo(bob)
  timeline.entry('Observer', `joins ${topic}: process ${observer.pid}, a bare gossipsub node linked to both`)
}

export function topicOf({ network }: Stage): string {
  return `/hallig/1/${network}/0`
}

async function discover(stage: Stage): Promise<void> {
  const { alice, bob, timeline, plan, bootstrap } = stage
  const areLinked = (): boolean => alice.linkTo(bob) !== undefined
  const found = (): Promise<true> => alice.process.until('look for Bob', areLinked).then(() => true)
  const isFound = plan.lan && (await Promise.race([found(), delay(DISCOVERY_MS, false, { ref: false })]))
  if (isFound) {
    timeline.entry('Alice', `found Bob by multicast on ${interfaceNames(alice)}`)
  } else {
    const [address] = alice.addresses
    if (address === undefined)
      throw new Error('This machine has no network interface that is up, not even lo')
    await bob.lookAround()
    timeline.entry(
      'Bob',
      `${reasonOf(bob, plan.lan)}: dials Alice at ${showAddress(address)} as a bootstrap address`
    )
    bootstrap.push(address)
    bob.process.tell({ kind: 'dial', address })
    await alice.process.until('get a link to Bob', areLinked)
  }
  await bob.process.until('get a link to Alice', () => bob.linkTo(alice) !== undefined)
  timeline.entry('Alice', `is linked to Bob: ${showAddress(alice.linkTo(bob)?.address)}, no server between`)
}

function reasonOf({ lan }: PersonProcess, wanted: boolean): string {
  if (!wanted) return 'may not use multicast'
  if (lan === null) return 'has no multicast here'
  if (!lan.multicast)
    return `heard no multicast here${lan.lastError === undefined ? '' : ` (${lan.lastError})`}`
  return 'did not find Alice by multicast'
}

/** The interfaces whose addresses beacons leave from, by their names. */
function interfaceNames({ lan }: PersonProcess): string {
  const names = new Map<string, string>()
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address } of addresses ?? []) names.set(address, name)
  }
  return (lan?.interfaces ?? []).map((address) => `${names.get(address) ?? '?'} (${address})`).join(', ')
}

/** Bob gives Alice his card; the first words go both ways; both compare the safety number. */
export async function getAcquainted(stage: Stage): Promise<void> {
  const { alice, bob, timeline } = stage
  timeline.heading('Getting acquainted')
  const card = await bob.card('short', false)
  timeline.entry('Bob', `hands over a contact card of ${card.length} characters: ${card.slice(0, SHOWN)}…`)
  alice.process.tell({ kind: 'add-card', card })
  const { name } = await alice.process.next('added', 'add the card')
  timeline.entry('Alice', `adds “${name}”`)
  await firstWords(stage, alice, bob)
  await firstWords(stage, bob, alice)
  const [one, other] = await Promise.all([alice.safetyNumber(), bob.safetyNumber()])
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
  await from.write(1, 0)
  await to.process.until(`get the first message of ${from.name}`, () => to.received === 1)
  await from.process.until('learn that the first message is delivered', () => from.deliveredAt.has(1))
  timeline.entry(from.name, showMessage(from, 1))
}

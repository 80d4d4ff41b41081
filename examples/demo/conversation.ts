import { inSeconds, roundTrips, type RoundTrips } from './round-trips.js'
import { showAddress, showMany, showMessage } from './showing.js'
import { now, type Stage } from './stage.js'

/** Milliseconds between two messages of one person: fast typing, and a conversation long enough to be cut in two. */
const PACE_MS = 10

/** How long Bob was away, and how long the rest took him. */
export interface Return {
  /** Messages that Alice wrote while Bob was not there. */
  readonly missed: number
  /** Milliseconds from the start of the new process to its being up, and to its having everything. */
  readonly upAfter: number
  readonly caughtUpAfter: number
}

/** Both write at the same time; Bob is killed in the middle of it; Alice goes on. */
export async function talkAndLoseBob(stage: Stage): Promise<void> {
  const { alice, bob, plan, timeline } = stage
  timeline.heading('Talking, both at the same time')
  const middle = Math.ceil(plan.messages / 2)
  bob.process.tell({ kind: 'write', until: plan.messages, pace: PACE_MS })
  await Promise.all([
    alice.write(plan.messages, PACE_MS),
    bob.process
      .until(`write ${middle} messages`, () => bob.writtenAt.size >= middle)
      .then(() => killBob(stage))
  ])
  timeline.entry('Alice', showMessage(alice, plan.messages))
  const waiting = alice.writtenAt.size - alice.deliveredAt.size
  timeline.entry(
    'Alice',
    `has gone on writing: ${waiting} messages wait in her outbox for Bob to confirm them`
  )
}

async function killBob({ alice, bob, timeline, outages }: Stage): Promise<void> {
  outages.push({ from: now(), to: Infinity })
  await bob.process.kill()
  timeline.entry('Alice', showMany(tripsSoFar(alice)))
  timeline.entry('Bob', showMany(tripsSoFar(bob)))
  timeline.heading('Bob is gone')
  timeline.entry(
    'Bob',
    `is killed with SIGKILL: he had written ${bob.writtenAt.size} and received ${bob.received}`
  )
}

function tripsSoFar({ writtenAt, deliveredAt }: Stage['alice']): RoundTrips {
  return roundTrips(writtenAt, deliveredAt)
}

/** Bob comes back from his store and gets from Alice's outbox what he missed. */
export async function bringBobBack(stage: Stage): Promise<Return> {
  const { alice, bob, plan, timeline, bootstrap, outages } = stage
  const start = now()
  let upAfter = 0
  const missed = alice.writtenAt.size - bob.received
  const hasAll = (): boolean => bob.received >= alice.writtenAt.size
  timeline.heading('Bob comes back')
  if (plan.bobReturns) {
    const { written, received } = await bob.start(bootstrap)
    upAfter = now() - start
    timeline.entry('Bob', `starts again: his store has ${written} written and ${received} received messages`)
    await bob.process.until('find Alice again', () => bob.linkTo(alice) !== undefined)
    const how = bootstrap.length > 0 ? 'by her address' : 'by multicast'
    timeline.entry('Bob', `is linked to Alice again ${how}: ${showAddress(bob.linkTo(alice)?.address)}`)
  }
  await bob.process.until('get what was sent while he was away', hasAll)
  const end = now()
  outages.push({ from: outages.pop()?.from ?? start, to: end })
  timeline.entry('Bob', `has the ${missed} messages he missed, ${inSeconds(end - start)} after his restart`)
  await alice.process.until('learn that Bob has everything', () => alice.deliveredAt.has(plan.messages))
  timeline.entry('Alice', showMessage(alice, plan.messages))
  return { missed, upAfter, caughtUpAfter: end - start }
}

/** The rest of the conversation, and everything is read. */
export async function finishTalking(stage: Stage): Promise<void> {
  const { alice, bob, observer, plan, timeline } = stage
  timeline.heading('Talking on')
  const before = { alice: new Set(alice.deliveredAt.keys()), bob: new Set(bob.deliveredAt.keys()) }
  await observer.linkTo(bob)
  await Promise.all([alice.write(alicesTotal(plan.messages), PACE_MS), bob.write(plan.messages, PACE_MS)])
  await Promise.all([alice.settle(), bob.settle()])
  for (const [person, known] of [
    [alice, before.alice],
    [bob, before.bob]
  ] as const) {
    const trips = roundTrips(person.writtenAt, person.deliveredAt, stage.outages)
    timeline.entry(person.name, showMany(new Map([...trips].filter(([number]) => !known.has(number)))))
  }
  alice.markRead()
  bob.markRead()
  for (const [person, last] of [
    [alice, alicesTotal(plan.messages)],
    [bob, plan.messages]
  ] as const) {
    await person.process.until('learn that all is read', () => person.statuses.get(last) === 'read')
    timeline.entry(person.name, showMessage(person, last))
  }
}

/** Alice writes some more when Bob is back, so that both can be seen to talk again. */
export function alicesTotal(messages: number): number {
  return messages + Math.ceil(messages / 4)
}

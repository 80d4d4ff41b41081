import type { PersonProcess } from './person-process.js'
import { inSeconds, roundTrips } from './round-trips.js'
import { showMany, showMessage } from './showing.js'
import { now, type Stage } from './stage.js'
import { textsOf } from './texts.js'

/** Milliseconds between two messages of one person: fast typing, and a conversation long enough to be cut in two. */
const PACE_MS = 10

/** Alice and Bob write at the same time; Bob is killed in the middle of it; Alice goes on. */
export async function talkAndLoseBob(stage: Stage): Promise<void> {
  const { alice, bob, plan, timeline } = stage
  timeline.heading('Alice and Bob talk, both at the same time')
  const middle = Math.ceil(plan.messages / 2)
  const written = bob.with(alice)
  bob.process.tell({ kind: 'write', to: alice.id, texts: textsOf(2, plan.messages), pace: PACE_MS })
  await Promise.all([
    alice.write(bob, textsOf(2, plan.messages), PACE_MS),
    bob.process
      .until(`write ${middle} messages`, () => written.writtenAt.size >= middle)
      .then(() => killBob(stage))
  ])
  const { writtenAt, deliveredAt } = alice.with(bob)
  const waiting = writtenAt.size - deliveredAt.size
  timeline.entry('Alice', showMessage(alice.with(bob), plan.messages))
  timeline.entry('Alice', `has gone on writing: ${waiting} messages wait for Bob to confirm them`)
}

async function killBob({ alice, bob, timeline, outages }: Stage): Promise<void> {
  outages.push({ from: now(), to: Infinity })
  await bob.process.kill()
  const [hers, his] = [alice.with(bob), bob.with(alice)]
  timeline.entry('Alice', showMany(roundTrips(hers.writtenAt, hers.deliveredAt)))
  timeline.entry('Bob', showMany(roundTrips(his.writtenAt, his.deliveredAt)))
  timeline.entry('Bob', `is killed with SIGKILL: he had written ${his.written} and received ${his.received}`)
}

/** Alice and Bob are back: what was missing arrives, Bob writes the rest, both read all of it. */
export async function finishTalking(stage: Stage): Promise<void> {
  const { alice, bob, plan, timeline, outages } = stage
  const [hers, his] = [alice.with(bob), bob.with(alice)]
  const before = new Set(his.deliveredAt.keys())
  const missed = plan.messages - his.received
  const start = now()
  await bob.process.until('get what Alice wrote while he was dead', () => his.received >= plan.messages)
  timeline.entry('Bob', `has the ${missed} messages he missed, ${inSeconds(now() - start)} later`)
  await bob.write(alice, textsOf(his.written + 1, plan.messages), PACE_MS)
  await Promise.all([allDelivered(alice, bob), allDelivered(bob, alice)])
  const trips = roundTrips(his.writtenAt, his.deliveredAt, outages)
  timeline.entry('Bob', showMany(new Map([...trips].filter(([number]) => !before.has(number)))))
  for (const person of [alice, bob]) person.markRead()
  for (const [person, talk] of [
    [alice, hers],
    [bob, his]
  ] as const) {
    await person.process.until('learn that all is read', () => talk.isReadUpTo(plan.messages))
    timeline.entry(person.name, showMessage(talk, plan.messages))
  }

  /** Each of them: what a kill kept back may come after the last one, and would come too late to be marked as read. */
  async function allDelivered(from: PersonProcess, to: PersonProcess): Promise<void> {
    const { deliveredAt } = from.with(to)
    await from.process.until('get everything delivered', () => deliveredAt.size >= plan.messages)
  }
}

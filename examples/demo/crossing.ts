import { join } from 'node:path'
import { checkSeparation, untilLinked } from './meeting.js'
import type { PersonProcess } from './person-process.js'
import { inSeconds } from './round-trips.js'
import { inKilobytes, showMessage } from './showing.js'
import { now, type Stage } from './stage.js'
import { ANSWER, LETTER, numbered } from './texts.js'

/** Alice writes to Dora, whom no network leads to: her islanders keep the letter. */
export async function writeLetter(stage: Stage): Promise<void> {
  const { alice, dora, timeline } = stage
  timeline.heading('A letter to the other island')
  await alice.write(dora, [numbered(1, LETTER)])
  const letter = alice.with(dora)
  await alice.process.until('find somebody to keep her letter', () => letter.statuses.get(1) === 'sent')
  timeline.entry('Alice', `→ Dora “${LETTER}” sent: ${holders(alice, dora)}, and cannot read it`)
}

function holders(from: PersonProcess, to: PersonProcess): string {
  const count = from.with(to).carriers.get(1) ?? 0
  return count === 1 ? '1 other node holds it' : `${count} other nodes hold it`
}

/** With Bob that makes three of six. */
export async function loseHalf(stage: Stage): Promise<void> {
  const { alice, frieda, timeline } = stage
  timeline.heading('Half of them are gone')
  await Promise.all([alice, frieda].map(({ process }) => process.kill()))
  timeline.entry('Alice', 'is killed with SIGKILL, her letter not yet delivered')
  timeline.entry('Frieda', 'is killed with SIGKILL too: with Bob, three of six are dead')
}

/** Carol walks to the other island; Dora gets the letter there, and answers. */
export async function walkOver(stage: Stage): Promise<void> {
  const { alice, carol, dora, emil, islands, plan, timeline } = stage
  timeline.heading('Carol walks over')
  const start = now()
  if (plan.walk) {
    timeline.entry('Carol', await islands.walk(carol, 'Hooge'))
    await untilLinked(dora, carol)
    await untilLinked(emil, carol)
    timeline.entry('Carol', `is linked to Dora and Emil, ${inSeconds(now() - start)} after she set out`)
  }
  const letter = dora.with(alice)
  await dora.process.until("get Alice's letter", () => letter.received === 1)
  timeline.entry('Dora', `reads “${LETTER}”, ${inSeconds(now() - start)} after Carol set out`)
  dora.markRead()
  await dora.write(alice, [numbered(1, ANSWER)])
  await dora.process.until('find somebody to keep her answer', () => letter.statuses.get(1) === 'sent')
  timeline.entry('Dora', `→ Alice “${ANSWER}” sent: ${holders(dora, alice)}`)
}

/** The killed ones start again from their stores. */
export async function comeBack(stage: Stage): Promise<void> {
  const { alice, bob, frieda, dora, emil, islands, outages, plan, timeline } = stage
  timeline.heading('The dead come back from their stores')
  const returning = plan.return ? [alice, bob, frieda] : []
  const { from = now() } = outages.pop() ?? {}
  outages.push({ from, to: now() })
  await Promise.all(
    returning.map(async (person) => {
      const start = now()
      const { talks } = await person.start()
      const messages = talks.reduce((sum, { written, received }) => sum + written + received, 0)
      timeline.entry(
        person.name,
        `starts again in ${inSeconds(now() - start)}: ${messages} messages in the store`
      )
    })
  )
  for (const person of returning) islands.arrive(person)
  await untilLinked(alice, bob)
  for (const other of [dora, emil]) await untilLinked(frieda, other)
  timeline.entry('Alice', 'is linked to Bob again, and Frieda to Dora and Emil')
}

/** Emil's node writes all it carries to a file; Bob reads it; so the answer comes to Alice. */
export async function carryStick(stage: Stage): Promise<void> {
  const { alice, bob, dora, emil, plan, timeline } = stage
  timeline.heading('A stick goes by boat')
  const file = stickOf(stage)
  const { envelopes, bytes } = await emil.export(file)
  timeline.entry('Emil', `writes all he carries to a stick: ${envelopes} envelopes, ${inKilobytes(bytes)}`)
  checkSeparation(stage)
  const talk = alice.with(dora)
  if (plan.stick) {
    const first = await bob.import(file)
    timeline.entry('Bob', `plugs it in: ${first.fresh} envelopes are new here, ${first.opened} are for him`)
  }
  await alice.process.until("get Dora's answer", () => talk.received === 1)
  timeline.entry('Alice', `reads “${ANSWER}”`)
  await alice.process.until('learn that Dora has her letter', () => talk.deliveredAt.has(1))
  timeline.entry('Alice', showMessage(talk, 1))
  alice.markRead()
  const again = await bob.import(file)
  timeline.entry('Bob', `plugs it in once more: ${again.fresh} of ${again.envelopes} envelopes are new`)
  if (again.fresh > 0) throw new Error(`${again.fresh} envelopes came twice from the same stick`)
}

export function stickOf({ directory }: Stage): string {
  return join(directory, 'stick.hallig')
}

/** The islands are joined: the last receipts arrive, and nothing arrives twice. */
export async function joinIslands(stage: Stage): Promise<void> {
  const { alice, dora, islands, timeline } = stage
  timeline.heading('The sea is calm again')
  const start = now()
  timeline.entry('Everybody', `is on one network now: ${islands.join()}`)
  const isRead = (from: PersonProcess, to: PersonProcess): boolean => from.with(to).statuses.get(1) === 'read'
  await dora.process.until('learn that Alice has read her answer', () => isRead(dora, alice))
  timeline.entry('Dora', `knows that her answer was read, ${inSeconds(now() - start)} later`)
  await alice.process.until('learn that Dora has read her letter', () => isRead(alice, dora))
  timeline.entry('Alice', 'knows that her letter was read')
}

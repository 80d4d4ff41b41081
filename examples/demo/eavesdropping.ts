import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { base32 } from 'multiformats/bases/base32'
import { stickOf } from './crossing.js'
import { topicOf } from './meeting.js'
import type { PersonProcess } from './person-process.js'
import type { Secret, Sight } from './reports.js'
import { inKilobytes } from './showing.js'
import { everybody, type Stage } from './stage.js'
import { allSentences } from './texts.js'
import { findSecrets } from './wire.js'

/** What random bytes shrink to, at best, in percent. */
const INCOMPRESSIBLE = 99

/** What nobody else may get to know: the texts, and who and what the three who write are. Asks their processes. */
export async function listSecrets({ alice, bob, dora }: Stage): Promise<readonly Secret[]> {
  const ofPeople = await Promise.all([alice, bob, dora].map(secretsOf))
  return [...textSecrets(), ...ofPeople.flat()]
}

/** What the observer saw, and what the stick tells whoever finds it; fails if that is what it must not. */
export async function askObserver(stage: Stage, secrets: readonly Secret[]): Promise<void> {
  const { observer, timeline } = stage
  timeline.heading('What the observer saw, and what is on the stick')
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
  const found = findSecrets([await readFile(stickOf(stage))], secrets)
  timeline.entry('Stick', `its file, searched for the same: found ${found.length}`)
  if (found.length > 0) throw new Error(`The stick tells ${found.join(', ')}`)
}

/** What the disks of all six tell a thief who has no key: nothing, or it fails. */
export async function searchDisks(stage: Stage, secrets: readonly Secret[]): Promise<void> {
  const people = everybody(stage)
  const files = (await Promise.all(people.map(filesOf))).flat()
  const bytes = files.reduce((sum, { length }) => sum + length, 0)
  const found = findSecrets(files, secrets)
  const size = `${files.length} files of ${people.length} stores (${inKilobytes(bytes)})`
  stage.timeline.entry('Disks', `${size}, searched for the same: found ${found.length}`)
  if (found.length > 0) throw new Error(`The stores tell ${found.join(', ')}`)
}

async function filesOf({ path }: PersonProcess): Promise<Uint8Array[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  return await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))))
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
    `topic ${Object.keys(sight.topics).join(', ')}: ${sight.parcels} parcels, ${inKilobytes(sight.bytes)}`,
    `parcels of ${smallest} to ${largest} bytes, half of them up to ${median}`,
    `${sight.envelopes} envelopes (${sight.distinct} different ones): ${sizes.join(', ')} bytes`,
    `author or signature on ${sight.signed} of them; sealed parts compress to ${sight.compressedTo.toFixed(1)} %`,
    `looked for ids, names, keys and texts (${sight.searched} bytes), any 8 in a row: found ${sight.found.length}`
  ]
}

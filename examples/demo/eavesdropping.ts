import { readFile } from 'node:fs/promises'
import { base32 } from 'multiformats/bases/base32'
import { stickOf } from './crossing.js'
import { topicOf } from './meeting.js'
import type { PersonProcess } from './person-process.js'
import type { Secret, Sight } from './reports.js'
import type { Stage } from './stage.js'
import { allSentences } from './texts.js'
import { findSecrets } from './wire.js'

/** What random bytes shrink to, at best, in percent. */
const INCOMPRESSIBLE = 99

/** What the observer saw, and what the stick tells whoever finds it; fails if that is what it must not. */
export async function askObserver(stage: Stage): Promise<void> {
  const { alice, bob, dora, observer, timeline } = stage
  timeline.heading('What the observer saw, and what is on the stick')
  const secrets = textSecrets()
  for (const person of [alice, bob, dora]) secrets.push(...(await secretsOf(person)))
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

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { parseTrace, type Encounter } from '../../src/simulator/contact-trace.js'
import { randomWaypoint } from '../../src/simulator/mobility.js'
import { root } from '../harness/paths.js'
import type { Question } from '../harness/question.js'
import { hallig } from './hallig.js'
import { writeLetters } from './letters.js'
import { carry, type CreatePolicy } from './model.js'
import { direct, epidemic, prophet, spray } from './policies.js'

const HOUR = 3_600_000
/** Radios carried at Infocom 2005 (CRAWDAD cambridge/haggle, DOI 10.15783/C70011). */
const NODES = 41
const LETTERS = 1_000
const LIFETIME = 24 * HOUR
/** Of the people of the generator, where there is no trace. */
const DURATION = 70 * HOUR
const TRACE = join(root, '../shared/traces/infocom-2005-contacts.dat')

const policies: Readonly<Record<string, CreatePolicy>> = { hallig, epidemic, direct, spray, prophet }
const rooms = { unlimited: Infinity, 'room-20': 20 } as const

export const carrying: Question = {
  name: 'carry',
  asks: 'How many messages reach people who are never on one network, by what those they meet carry, and at what cost?',
  rounds: 5,
  packages: [],
  needsPeers: false,
  targets: [
    {
      text: 'hallig delivers at least 99 % of what epidemic does, without limits',
      met: (median) => median('hallig.unlimited.delivery') >= 0.99 * median('epidemic.unlimited.delivery')
    },
    {
      text: 'hallig delivers at least 83 % with room for 20',
      met: (median) => median('hallig.room-20.delivery') >= 83
    }
  ],
  async run({ rounds, record, say }) {
    const encounters = readEncounters(say)
    const duration = encounters.reduce((last, { end }) => Math.max(last, end), 0)
    for (let seed = 1; seed <= rounds; seed++) {
      const letters = writeLetters(LETTERS, NODES, duration, LIFETIME, createSeededRandom(seed))
      for (const [roomName, room] of Object.entries(rooms)) {
        for (const [name, policy] of Object.entries(policies)) {
          const { delivery, delay, copies } = await carry(policy, room, NODES, encounters, letters)
          record(`${name}.${roomName}.delivery`, '%', 100 * delivery)
          record(`${name}.${roomName}.delay`, 'min', delay)
          record(`${name}.${roomName}.copies`, 'copies', copies)
        }
      }
      say(`seed ${String(seed)} of ${String(rounds)}`)
    }
  }
}

function readEncounters(say: (line: string) => void): Encounter[] {
  if (existsSync(TRACE)) return parseTrace(readFileSync(TRACE, 'utf8'), NODES)
  say('There is no trace beside the repository: people who walk at random stand in for those at Infocom 2005')
  return randomWaypoint({ nodes: NODES, duration: DURATION, random: createSeededRandom(2005) })
}

// `npm run test:soak [messages each way] [kills of each side] [seed]`: hours of two people, in minutes.
import { randomInt } from 'node:crypto'
import { talkThroughKills } from './messenger-kills.js'

const [messages = 100_000, kills = 30, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)

process.stdout.write(
  `${String(messages)} messages each way, ${String(kills)} kills of each side, seed ${String(seed)}\n`
)
const took = await talkThroughKills({ seed, messages, kills, limitMs: Math.max(600_000, messages * 20) })
process.stdout.write(`nothing lost, nothing doubled, one order: ${String(Math.round(took / 1000))} s\n`)

import { randomInt } from 'node:crypto'
import { talkThroughKills } from '../support/messenger-kills.js'

const HOUR = 60 * 60_000
const MESSAGES = 100_000
const KILLS = 100

describe('two messengers in two processes, for an hour', function () {
  this.timeout(HOUR + 60_000)

  const seed = randomInt(2 ** 31)
  it(`lose, double and disorder none of ${String(MESSAGES)} messages each way while each is killed ${String(KILLS)} times (seed ${String(seed)})`, async () => {
    await talkThroughKills({ seed, messages: MESSAGES, kills: KILLS, limitMs: HOUR })
  })
})

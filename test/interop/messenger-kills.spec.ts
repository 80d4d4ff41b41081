import { randomInt } from 'node:crypto'
import { talkThroughKills } from '../support/messenger-kills.js'

describe('two messengers in two processes', function () {
  this.timeout(120_000)
  const seed = randomInt(2 ** 31)

  it(`lose, double and disorder none of 300 messages each way while both are killed (seed ${String(seed)})`, async () => {
    await talkThroughKills({ seed, messages: 300, kills: 1, limitMs: 90_000 })
  })
})

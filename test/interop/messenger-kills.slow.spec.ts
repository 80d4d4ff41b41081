import { randomInt } from 'node:crypto'
import { talkThroughKills } from '../support/messenger-kills.js'

describe('two messengers in two processes, for long', function () {
  this.timeout(240_000)

  for (const kills of [1, 5]) {
    const seed = randomInt(2 ** 31)
    it(`lose, double and disorder none of 10,000 messages each way while each is killed ${String(kills)} times (seed ${String(seed)})`, async () => {
      await talkThroughKills({ seed, messages: 10_000, kills, limitMs: 180_000 })
    })
  }
})

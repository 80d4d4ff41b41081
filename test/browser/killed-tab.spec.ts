import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { BROWSERS } from '../support/browser.js'
import { writeThroughTabKills, type TabKills, type TabLosses } from '../support/browser-kills.js'

/** Kills, of which Firefox takes longer to recover; 50 with `TAB_KILLS=50 npm run test:browser`. */
const KILLS = { chromium: 6, firefox: 3 } as const

for (const browser of BROWSERS)
  describe(`a tab of ${browser} that is killed while it writes`, function () {
    const kills = Number(process.env['TAB_KILLS'] ?? KILLS[browser])
    this.timeout(120_000 + kills * 20_000)

    async function lossesOf(
      context: Mocha.Context,
      count: number,
      twin?: NonNullable<TabKills['twin']>
    ): Promise<TabLosses> {
      const seed = randomInt(2 ** 31)
      const losses = await writeThroughTabKills({
        browser,
        seed,
        kills: count,
        ...(twin === undefined ? {} : { twin })
      })
      if (losses === undefined) context.skip()
      console.log(`      ${String(count)} kills, seed ${String(seed)}: ${JSON.stringify(losses)}`)
      return losses
    }

    it('loses nothing it acknowledged, uses no key twice and agrees with the other in the end', async function () {
      const { sent, envelopes, ...losses } = await lossesOf(this, kills)
      assert.ok(sent > kills && envelopes > kills)
      assert.deepEqual(losses, { lostSent: 0, lostReceived: 0, doubled: 0, keysReused: 0, agree: true })
    })

    // The test of the test: if this loses nothing, nothing was killed.
    it('loses what it acknowledged when its store does not have it by then', async function () {
      const { lostSent, lostReceived } = await lossesOf(this, 1, { lazy: true })
      assert.ok(lostSent > 0 && lostReceived > 0)
    })
  })

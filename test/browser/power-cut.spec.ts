import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { BROWSERS } from '../support/browser.js'
import { writeThroughTabKills, type TabKills, type TabLosses } from '../support/browser-kills.js'
import { powerCutDisks } from '../support/store-power.js'

/** The first comes within a second or so of the store's first record. */
const CUTS = { chromium: 3, firefox: 2 } as const

for (const browser of BROWSERS)
  describe(`${browser}, whose power is cut while a page writes`, () => {
    const diskOf = powerCutDisks()

    async function lossesOf(
      context: Mocha.Context,
      kills: number,
      twin?: NonNullable<TabKills['twin']>
    ): Promise<TabLosses> {
      const disk = diskOf()
      const seed = randomInt(2 ** 31)
      const losses = await writeThroughTabKills({
        browser,
        seed,
        kills,
        disk,
        ...(twin === undefined ? {} : { twin })
      })
      if (losses === undefined) context.skip()
      console.log(`      ${String(kills)} cuts, seed ${String(seed)}: ${JSON.stringify(losses)}`)
      return losses
    }

    it('opens its store, has all that the page acknowledged, and uses no key twice', async function () {
      const { sent, envelopes, ...losses } = await lossesOf(this, CUTS[browser])
      assert.ok(sent > CUTS[browser] && envelopes > CUTS[browser])
      assert.deepEqual(losses, { lostSent: 0, lostReceived: 0, doubled: 0, keysReused: 0, agree: true })
    })

    // The test of the test: if this loses nothing, no power was cut.
    it('loses what was acknowledged when the store does not wait for the disk', async function () {
      const { lostSent, lostReceived } = await lossesOf(this, 1, { durability: 'process-crash' })
      // The system may have written what was sent by then, but not all that came of it.
      assert.ok(lostSent + lostReceived > 0)
    })
  })

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { writeThroughTabKills, type TabKills, type TabLosses } from '../support/browser-kills.js'

/** Kills: 50 with `TAB_KILLS=50 npm run test:browser`. */
const KILLS = Number(process.env['TAB_KILLS'] ?? 8)

describe('a tab that is killed while it writes', function () {
  this.timeout(120_000 + KILLS * 20_000)

  async function lossesOf(
    context: Mocha.Context,
    kills: number,
    twin?: NonNullable<TabKills['twin']>
  ): Promise<TabLosses> {
    const seed = randomInt(2 ** 31)
    const losses = await writeThroughTabKills({ seed, kills, ...(twin === undefined ? {} : { twin }) })
    if (losses === undefined) {
      console.log('    not tested here: a real browser needs /usr/bin/chromium')
      context.skip()
    }
    console.log(`      ${String(kills)} kills, seed ${String(seed)}: ${JSON.stringify(losses)}`)
    return losses
  }

  it('loses nothing it acknowledged, uses no key twice and agrees with the other in the end', async function () {
    const { sent, envelopes, ...losses } = await lossesOf(this, KILLS)
    assert.ok(sent > KILLS && envelopes > KILLS)
    assert.deepEqual(losses, { lostSent: 0, lostReceived: 0, doubled: 0, keysReused: 0, agree: true })
  })

  // The test of the test: if this loses nothing, nothing was killed.
  it('loses what it acknowledged when its store does not have it by then', async function () {
    const { lostSent, lostReceived } = await lossesOf(this, 1, { lazy: true })
    assert.ok(lostSent > 0 && lostReceived > 0)
  })
})

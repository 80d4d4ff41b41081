import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { writeThroughPowerCuts, type PowerLosses } from '../support/messenger-power.js'
import { powerCutDisks } from '../support/store-power.js'

/** Cuts: 50 in `npm run test:power`. */
const CUTS = Number(process.env['POWER_CUTS'] ?? 4)
const CUTS_OF_TWIN = 2

describe('two messengers whose power is cut', function () {
  this.timeout(120_000 + CUTS * 20_000)
  const diskOf = powerCutDisks()

  async function lossesOf(
    durability: 'power-loss' | 'process-crash',
    cuts: number,
    seed: number
  ): Promise<PowerLosses> {
    const disk = diskOf()
    const losses = await writeThroughPowerCuts({ disk, seed, cuts, durability })
    console.log(`      ${String(cuts)} cuts, seed ${String(seed)}: ${JSON.stringify(losses)}`)
    return losses
  }

  it('lose nothing they acknowledged, use no key twice and agree in the end', async () => {
    const { sent, ...losses } = await lossesOf('power-loss', CUTS, randomInt(2 ** 31))
    assert.ok(sent > CUTS)
    assert.deepEqual(losses, { lostSent: 0, lostReceived: 0, keysReused: 0, renewed: 0, agree: true })
  })

  // The test of the test: if this loses nothing, no power was cut.
  it('lose what they acknowledged when their stores do not wait for the disk', async () => {
    const { lostSent, lostReceived } = await lossesOf('process-crash', CUTS_OF_TWIN, randomInt(2 ** 31))
    assert.ok(lostSent > 0 && lostReceived > 0)
  })
})

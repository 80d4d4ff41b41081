import assert from 'node:assert/strict'
import { openLevelStore } from '../../src/storage/level-store.js'
import { writeUntilKilled } from '../support/store-killed.js'
import { powerCutDisks } from '../support/store-power.js'
import { roundsIn } from '../support/store-rounds.js'

const CUTS = 5
const ROUNDS = 1000

describe('a Level store when the power is cut', () => {
  const diskOf = powerCutDisks()

  /** How many acknowledged commits are missing after each power cut. */
  async function lostIn(durability: string, mode: string): Promise<number[]> {
    const disk = diskOf()
    const { path, cut, restart } = disk
    const lost: number[] = []
    for (let time = 0; time < CUTS; time++) {
      const store = `${path}/${durability}-${String(time)}`
      const acknowledged = await writeUntilKilled([store, durability, mode], ROUNDS, (child) => {
        child.kill('SIGSTOP')
        cut()
      })
      restart()
      const reopened = await openLevelStore(store)
      const kept = await roundsIn(reopened)
      await reopened.close()
      lost.push(acknowledged.filter((round) => !kept.has(round)).length)
    }
    console.log(`      lost after each cut (${durability}, ${mode}): ${lost.join(', ')}`)
    return lost
  }

  for (const mode of ['alone', 'group']) {
    it(`has every acknowledged commit whole with durability power-loss (${mode})`, async () => {
      assert.deepEqual(
        await lostIn('power-loss', mode),
        Array.from({ length: CUTS }, () => 0)
      )
    })
  }

  // The test of the test: if this loses nothing, no power was cut.
  it('loses the latest with durability process-crash, which does not wait for the disk', async () => {
    assert.ok((await lostIn('process-crash', 'group')).some((count) => count > 0))
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMessengerError } from '../../src/errors.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { roundsOf, startWriter, writeUntilKilled } from '../support/store-killed.js'
import { freshSeed, seededRandom } from '../support/store-random.js'
import { roundsIn } from '../support/store-rounds.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

/** Kills per way to write, each after up to this many acknowledgements. */
const KILLS = 4
const MOST_ROUNDS = 300

describe('a Level store whose process is killed', () => {
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(() => directory.remove())

  for (const durability of ['power-loss', 'process-crash']) {
    for (const mode of ['alone', 'group']) {
      const seed = freshSeed()
      it(`has every acknowledged commit whole (${durability}, ${mode}, seed ${String(seed)})`, async () => {
        const random = seededRandom(seed)
        for (let kill = 0; kill < KILLS; kill++) {
          const path = `${directory.path}/${String(kill)}`
          const killAfter = 1 + (new DataView(random(4).buffer).getUint32(0) % MOST_ROUNDS)
          const acknowledged = await writeUntilKilled([path, durability, mode], killAfter)
          const store = await openLevelStore(path)
          const kept = await roundsIn(store)
          await store.close()
          assert.ok(acknowledged.length >= killAfter)
          assert.deepEqual(
            acknowledged.filter((round) => !kept.has(round)),
            []
          )
        }
      })
    }
  }

  it('is locked for other processes while it lives, and free the moment it is killed', async () => {
    const child = startWriter([directory.path, 'power-loss', 'alone'])
    const ended = once(child, 'close')
    for await (const round of roundsOf(child)) if (round === 0) break
    await assert.rejects(openLevelStore(directory.path), (error) => isMessengerError(error, 'STORE_LOCKED'))
    child.kill('SIGKILL')
    await ended
    const store = await openLevelStore(directory.path)
    assert.ok((await roundsIn(store)).has(0))
    await store.close()
  })
})

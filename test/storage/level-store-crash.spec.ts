import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isMessengerError } from '../../src/errors.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { roundsIn } from '../support/store-rounds.js'
import { freshSeed, seededRandom } from '../support/store-random.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const writer = fileURLToPath(new URL('../support/store-writer.js', import.meta.url))
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
    for await (const line of createInterface({ input: outputOf(child) })) if (line === '0') break
    await assert.rejects(openLevelStore(directory.path), (error) => isMessengerError(error, 'STORE_LOCKED'))
    child.kill('SIGKILL')
    await ended
    const store = await openLevelStore(directory.path)
    assert.ok((await roundsIn(store)).has(0))
    await store.close()
  })
})

/** The rounds a writer acknowledged before it was killed, after `killAfter` of them or a little later. */
async function writeUntilKilled(args: readonly string[], killAfter: number): Promise<number[]> {
  const child = startWriter(args)
  const rounds: number[] = []
  const ended = once(child, 'close')
  for await (const line of createInterface({ input: outputOf(child) })) {
    if (rounds.push(Number(line)) === killAfter) child.kill('SIGKILL')
  }
  const [code, signal] = (await ended) as [number | null, string | null]
  assert.deepEqual([code, signal], [null, 'SIGKILL'])
  return rounds
}

function startWriter(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [writer, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

function outputOf(child: ChildProcess): NodeJS.ReadableStream {
  assert.ok(child.stdout)
  return child.stdout
}

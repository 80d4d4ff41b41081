import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { readCorpus } from './corpus.js'
import { mendProtobuf } from './mend-protobuf.js'
import { mutate } from './mutate.js'
import { FuzzFailure, replay, runTarget } from './run-target.js'
import { promise, type FuzzTarget } from './target.js'
import { createTargets, divide } from './targets.js'

/** All inputs of this run; `npm run test:fuzz` is for more. */
const INPUTS = 100_000
const SEED = 20_250_616

const targets = await createTargets()

describe('whatever a stranger sends', function () {
  this.timeout(120_000)

  for (const [target, inputs] of divide(targets, INPUTS)) {
    it(`breaks no promise: ${target.name}`, async () => {
      const report = await runTarget(target, readCorpus(target.name), inputs, SEED)
      assert.ok(report.inputs >= inputs)
      assert.ok(report.outcomes.size > 1, 'nothing but one outcome: it looks at nothing')
    })
  }

  it('is looked at by targets of different names, and every corpus is one of theirs', () => {
    const names = targets.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    const files = readdirSync('test/fuzz/corpus').map((file) => file.replace(/\.hex$/, ''))
    assert.deepEqual(
      files.filter((file) => !names.includes(file)),
      []
    )
  })
})

describe('the fuzzer', () => {
  const target = (run: FuzzTarget['run'], maxAllocation?: number): FuzzTarget => ({
    name: 'one',
    weight: 1,
    samples: [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)],
    maxLength: 64,
    ...(maxAllocation === undefined ? {} : { maxAllocation }),
    run
  })

  async function failure(broken: FuzzTarget): Promise<FuzzFailure> {
    const found = await runTarget(broken, [], 20_000, 1).then(
      () => assert.fail('it found nothing'),
      (error: unknown) => error
    )
    assert.ok(found instanceof FuzzFailure)
    return found
  }

  it('finds what breaks a promise, and tells how to see it again', async () => {
    const broken = target((input) => {
      promise(input[0] !== 1 || input.length > 3, 'a short one begins otherwise')
      return String(input.length > 6)
    })
    const { message, input } = await failure(broken)
    assert.match(message, /a short one begins otherwise/)
    assert.ok(message.includes(`--target one --replay ${Buffer.from(input).toString('hex')}`))
    await assert.rejects(replay(broken, input), FuzzFailure)
  })

  it('finds what allocates too much', async () => {
    const kept: Uint8Array[] = []
    const broken = target((input) => {
      if (input[3] === 0xff) kept.push(new Uint8Array(3_000_000))
      return ''
    }, 1_000_000)
    assert.match((await failure(broken)).message, /allocated/)
  })

  it('finds what changes its input, and what throws later', async () => {
    const broken = target((input) => {
      input.fill(0)
      return ''
    })
    assert.match((await failure(broken)).message, /changed its input/)
    assert.match((await failure(target(() => Promise.reject(new Error('late'))))).message, /late/)
  })

  it('does the same with the same seed, and keeps what had an outcome of its own', async () => {
    const lengths = target((input) => String(input.length))
    const [one, other, third] = [1, 1, 2].map((seed) => runTarget(lengths, [], 500, seed))
    assert.deepEqual((await one)?.finds, (await other)?.finds)
    assert.notDeepEqual((await one)?.finds, (await third)?.finds)
    assert.equal((await one)?.finds.length, ((await one)?.outcomes.size ?? 0) - 1)
  })

  it('mutates within a length, empty input too', () => {
    const random = createSeededRandom(1)
    const pool = [new Uint8Array(0), random.bytes(50)]
    for (let count = 0; count < 5_000; count++) {
      assert.ok(mutate(pool[count % 2] ?? random.bytes(1), pool, random, 60).length <= 60)
    }
  })

  it('mends the lengths of protobuf, and nothing that was right', () => {
    const right = Uint8Array.of(0x0a, 4, 0x12, 2, 7, 7, 0x18, 0x80, 1)
    assert.deepEqual(mendProtobuf(right, 1), right)
    assert.deepEqual(
      mendProtobuf(Uint8Array.of(0x0a, 9, 0x12, 5, 7, 7), 1),
      Uint8Array.of(0x0a, 4, 0x12, 2, 7, 7)
    )
  })
})

import assert from 'node:assert/strict'
import { createSeededRandom } from '../../../src/network/seeded-random.js'
import type { Person } from '../../../src/simulator/person.js'
import { World, type Published } from '../../../src/simulator/world.js'
import { befriend } from '../../support/messenger-checks.js'
import {
  balancedPairs,
  boundOfChance,
  contentFeatures,
  learnedAccuracy,
  timedFeatures,
  type Pair
} from '../../support/linkability.js'

const NODES = 20
const MESSAGES = 12
const SEEDS = [1001, 1002, 1003, 1004]
/** Pairs of each seed: the first half of the seeds is learned from, the other is guessed. */
const PAIRS = 2_000

/** The wire of a run: every envelope once, at its first publish; and who sent it to whom, which only the test knows. */
interface Wire {
  readonly published: readonly Published[]
  /** First publisher to the only one it writes to. */
  readonly partner: ReadonlyMap<string, string>
}

/** Ten couples who write to each other at random times; texts are of one length, so that sizes say nothing by themselves. */
async function run(seed: number): Promise<Wire> {
  const world = new World({ seed })
  const people: Person[] = []
  for (let n = 0; n < NODES; n++) people.push(await world.person(`p${String(n)}`))
  const partner = new Map<string, string>()
  const couples: (readonly [Person, Person])[] = []
  for (let n = 0; n < NODES; n += 2) {
    const [one, other] = [people[n], people[n + 1]]
    assert.ok(one !== undefined && other !== undefined)
    couples.push([one, other])
    partner.set(one.name, other.name).set(other.name, one.name)
    await befriend(world, one, other)
  }
  await world.pass(60_000)
  const random = createSeededRandom(seed)
  const begun = world.published.length
  for (let n = 0; n < MESSAGES * NODES; n++) {
    const couple = couples[Math.floor(random.number() * couples.length)]
    assert.ok(couple !== undefined)
    const [one, other] = random.chance(0.5) ? couple : [couple[1], couple[0]]
    await one.say(other, `text number ${String(n).padStart(6, '0')}`)
    await world.pass(random.between(0, 3_000))
  }
  await world.pass(60_000)
  const seen = new Set<string>()
  const published = world.published.slice(begun).filter(({ envelope }) => {
    const bytes = Buffer.from(envelope).toString('latin1')
    return !seen.has(bytes) && seen.add(bytes)
  })
  await world.end()
  return { published, partner }
}

/** A leak in every envelope of one sender: its nonce counts, or its tags begin alike. */
const LEAKS: Readonly<Record<string, (envelope: Uint8Array, sender: number, count: number) => void>> = {
  'nonces that count': (envelope, sender, count) => {
    new DataView(envelope.buffer, envelope.byteOffset).setUint32(20, sender * 1_000_000 + count)
  },
  'tags that begin alike': (envelope, sender) => {
    envelope.fill(sender, 4, 6)
  }
}

function withLeak(wire: Wire, leak: (envelope: Uint8Array, sender: number, count: number) => void): Wire {
  const senders = [...wire.partner.keys()]
  const published = wire.published.map((one, count) => {
    const envelope = one.envelope.slice()
    leak(envelope, senders.indexOf(one.by) + 1, count)
    return { ...one, envelope }
  })
  return { ...wire, published }
}

describe('an observer of everything that 20 nodes publish', function () {
  this.timeout(600_000)

  let wires: Wire[] = []

  before(async () => {
    wires = []
    for (const seed of SEEDS) wires.push(await run(seed))
  })

  function accuracy(
    of: readonly Wire[],
    question: (wire: Wire) => (one: Published, other: Published) => boolean | undefined,
    features: (pair: Pair) => number[]
  ): { readonly accuracy: number; readonly bound: number } {
    const pairs = of.map((wire, at) => balancedPairs(wire.published, question(wire), PAIRS, 7 + at))
    const half = of.length / 2
    const [training, tests] = [pairs.slice(0, half).flat(), pairs.slice(half).flat()]
    assert.ok(tests.length > 1_000, `${String(tests.length)} pairs`)
    return { accuracy: learnedAccuracy(training, tests, features), bound: boundOfChance(tests.length) }
  }

  const sameSender = () => (one: Published, other: Published) => one.by === other.by
  const sameCouple =
    ({ partner }: Wire) =>
    (one: Published, other: Published) =>
      one.by === other.by ? undefined : partner.get(one.by) === other.by

  for (const [what, question] of [
    ['one sender and recipient', sameSender],
    ['one conversation', sameCouple]
  ] as const) {
    it(`cannot tell by tag, nonce, header, day and size whether two envelopes are of ${what}`, () => {
      const found = accuracy(wires, question, contentFeatures)
      console.log(`      accuracy ${found.accuracy.toFixed(4)}, chance at most ${found.bound.toFixed(4)}`)
      assert.ok(found.accuracy <= found.bound, JSON.stringify(found))
    })
  }

  for (const [what, leak] of Object.entries(LEAKS)) {
    it(`would be seen to if it were given ${what}`, () => {
      const found = accuracy(
        wires.map((wire) => withLeak(wire, leak)),
        sameSender,
        contentFeatures
      )
      console.log(`      accuracy ${found.accuracy.toFixed(4)}`)
      assert.ok(found.accuracy > 0.75, JSON.stringify(found))
    })
  }

  it('can tell by the time whether two envelopes are of one conversation, for a receipt follows a message: that is not hidden', () => {
    const soon = (wire: Wire) => (one: Published, other: Published) =>
      Math.abs(one.at - other.at) > 1_000 ? undefined : sameCouple(wire)(one, other)
    const content = accuracy(wires, soon, contentFeatures)
    assert.ok(content.accuracy <= content.bound, JSON.stringify(content))
    const found = accuracy(wires, soon, timedFeatures)
    console.log(`      accuracy ${found.accuracy.toFixed(4)}, chance at most ${found.bound.toFixed(4)}`)
    assert.ok(found.accuracy > found.bound, 'then the threat model may claim more')
  })
})

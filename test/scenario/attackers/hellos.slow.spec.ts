import assert from 'node:assert/strict'
import { createSeededRandom } from '../../../src/network/seeded-random.js'
import { sealInHello } from '../../../src/protocol/handshake/say-hello.js'
import type { Published } from '../../../src/simulator/world.js'
import { personFeatures } from '../../support/hello-linkability.js'
import { boundOfChance, contentFeatures, learnedAccuracy, type Pair } from '../../support/linkability.js'
import { HELLO_DAY } from '../../support/protocol-hello.js'
import { begin, createInvite, createPerson, type Person } from '../../support/protocol-parties.js'
import { expectKind, must } from '../../support/protocol-values.js'

const PEOPLE = 20
/** Hellos that one writes, each to somebody else. */
const EACH = 12
/** Half of the runs is learned from, the other is guessed. */
const SEEDS = [1011, 1012, 1013, 1014]

interface Hello extends Published {
  readonly to: string
}

interface Run {
  readonly hellos: readonly Hello[]
  /** What anybody may know of each: signing keys, certificate and prekey bundle. */
  readonly known: ReadonlyMap<string, Uint8Array>
}

const GREETING = new TextEncoder().encode('hello, my name is of no matter')

/** The hello of a first message, by the code that a messenger says it with; in the open lane without its proof, which comes from its other bytes. */
function hello(from: Person, to: Person, isInvited: boolean): Uint8Array {
  const { session } = begin(from, to, isInvited ? { invite: createInvite(to.random) } : {})
  const said = sealInHello(session, from.certificate, GREETING, HELLO_DAY, from.random)
  return expectKind(said.hello, isInvited ? 'sealed' : 'unpaid').envelope
}

function run(seed: number, isInvited: boolean): Run {
  const people = Array.from({ length: PEOPLE }, (_, n) => createPerson(100 * seed + n))
  const known = people.map(({ own, certificate, prekeys }) =>
    Uint8Array.from([...own.signing.publicKey, ...own.dh.publicKey, ...certificate, ...prekeys.bundle])
  )
  const hellos = people.flatMap((from, n) =>
    Array.from({ length: EACH }, (_, step): Hello => {
      const to = (n + 1 + step) % PEOPLE
      const envelope = hello(from, must(people[to]), isInvited)
      return { by: String(n), to: String(to), at: 0, envelope }
    })
  )
  return { hellos, known: new Map(known.map((bytes, n) => [String(n), bytes])) }
}

/** Each hello once, with another that belongs to it or with one that does not. */
function matched(hellos: readonly Hello[], nameOf: (hello: Hello) => string, seed: number): Pair[] {
  const random = createSeededRandom(seed)
  const order = hellos.map((one) => ({ one, at: random.number() })).sort((a, b) => a.at - b.at)
  const left = order.map(({ one }) => one)
  const pairs: Pair[] = []
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    const linked = pairs.length % 2 === 0
    const name = nameOf(one)
    const at = left.findIndex((other) => (nameOf(other) === name) === linked)
    const [other] = at < 0 ? [] : left.splice(at, 1)
    if (other !== undefined) pairs.push({ one, other, linked })
  }
  return pairs
}

/** Each hello with what is known of whom it is of, or of somebody who has nothing to do with it. */
function withKnown({ hellos, known }: Run, nameOf: (hello: Hello) => string, seed: number): Pair[] {
  const random = createSeededRandom(seed)
  return hellos.map((one, at) => {
    const strangers = [...known.keys()].filter((name) => name !== one.to && name !== one.by)
    const linked = at % 2 === 0
    const name = linked ? nameOf(one) : must(strangers[Math.floor(random.number() * strangers.length)])
    return { one, other: { by: name, at: 0, envelope: must(known.get(name)) }, linked }
  })
}

for (const [lane, isInvited] of [
  ['invited', true],
  ['open', false]
] as const) {
  describe(`an observer of hellos in the ${lane} lane, who knows everybody’s keys`, () => {
    let runs: Run[] = []

    before(function () {
      this.timeout(120_000)
      runs = SEEDS.map((seed) => run(seed, isInvited))
    })

    function ask(pairsOf: (run: Run, seed: number) => Pair[], features: (pair: Pair) => number[]): number {
      const pairs = runs.map((one, at) => pairsOf(one, 7 + at))
      const half = pairs.length / 2
      const tests = pairs.slice(half).flat()
      const accuracy = learnedAccuracy(pairs.slice(0, half).flat(), tests, features)
      const bound = boundOfChance(tests.length)
      console.log(
        `      ${String(tests.length)} pairs: right ${accuracy.toFixed(3)}, by chance at most ${bound.toFixed(3)}`
      )
      return accuracy - bound
    }

    for (const [what, nameOf] of [
      ['for', ({ to }: Hello) => to],
      ['from', ({ by }: Hello) => by]
    ] as const) {
      it(`cannot tell whether two are ${what} one person`, () => {
        assert.ok(ask(({ hellos }, seed) => matched(hellos, nameOf, seed), contentFeatures) <= 0)
      })

      it(`cannot tell whether one is ${what} a person`, () => {
        assert.ok(ask((one, seed) => withKnown(one, nameOf, seed), personFeatures) <= 0)
      })
    }

    it('could tell, if its tag were made of public keys alone', () => {
      const leaking = ({ hellos, known }: Run, seed: number): Pair[] =>
        withKnown({ hellos, known }, ({ to }) => to, seed).map(({ one, ...pair }) => {
          const envelope = one.envelope.slice()
          envelope.set(must(known.get((one as Hello).to)).subarray(0, 16), 4)
          return { one: { ...one, envelope }, ...pair }
        })
      assert.ok(ask(leaking, personFeatures) > 0.3)
    })
  })
}

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RandomSource } from '../../../src/crypto/random.js'
import { MAX_TAG_WINDOW, NEXT_TAG_WINDOW, TAG_WINDOW } from '../../../src/protocol/limits.js'
import { endpointOf, receive, sendText, TagLookup, type Endpoint } from '../../support/protocol-endpoint.js'
import { establish } from '../../support/protocol-parties.js'
import { deepFrozen, flipped, must, seeded } from '../../support/protocol-values.js'

type Side = 0 | 1

interface Sent {
  readonly text: string
  readonly envelope: Uint8Array
  /** Which of the sender's chains, counted from 0, and the message's place in it. */
  readonly chain: number
  readonly number: number
  delivered: boolean
}

/** What a side has sent: everything, and what the network still holds of it. */
interface Direction {
  readonly all: Sent[]
  readonly inFlight: Sent[]
  chain: number
}

/** What the reference knows of a receiver: how far it is in which chain, and how far it looks ahead. */
interface Progress {
  chain: number
  next: number
  window: number
}

/** Two parties and a network that is told what to do, beside a reference model that knows no cryptography. */
class World {
  readonly endpoints: [Endpoint, Endpoint]
  readonly directions: readonly [Direction, Direction]
  readonly progress: readonly [Progress, Progress]
  readonly #tags = new TagLookup()
  readonly #random: RandomSource

  constructor(seed: number) {
    const { alice, bob } = establish(seed)
    this.endpoints = [deepFrozen(endpointOf(alice)), deepFrozen(endpointOf(bob))]
    this.#random = seeded(seed ^ 0x5eed)
    const nothing = (): Direction => ({ all: [], inFlight: [], chain: -1 })
    this.directions = [nothing(), nothing()]
    // Each side's progress in what the other sends.
    const start = (): Progress => ({ chain: -1, next: 0, window: NEXT_TAG_WINDOW })
    this.progress = [start(), start()]
  }

  send(side: Side): void {
    const before = this.endpoints[side]
    // A recipient has to hear from the initiator first.
    if (before.session.theirRatchetKey === undefined) return
    const direction = this.directions[side]
    if (before.session.sending === undefined || direction.all.length === 0) direction.chain += 1
    const number = before.session.sending?.next ?? 0
    const text = `${side} says ${direction.all.length}`
    const { endpoint, envelope } = sendText(before, text, this.#random)
    this.endpoints[side] = deepFrozen(endpoint)
    const sent = { text, envelope, chain: direction.chain, number, delivered: false }
    direction.all.push(sent)
    direction.inFlight.push(sent)
  }

  /** Give one of the envelopes to its recipient and compare with the reference. */
  deliver(from: Side, sent: Sent): void {
    const to = from === 0 ? 1 : 0
    const before = this.endpoints[to]
    const expected = !sent.delivered && this.#isWithinReach(to, sent)
    const receipt = receive(before, sent.envelope, this.#tags)
    assert.equal(
      receipt.kind,
      expected ? 'delivered' : 'unrecognised',
      `${sent.text} (${sent.chain}/${sent.number})`
    )
    if (receipt.kind !== 'delivered') return
    assert.equal(receipt.text, sent.text)
    sent.delivered = true
    this.endpoints[to] = deepFrozen(receipt.endpoint)
    this.#advance(to, sent)
  }

  /** A changed copy is refused, whatever was changed, and leaves everything as it was. */
  garble(from: Side, sent: Sent, position: number, mask: number): void {
    const before = this.endpoints[from === 0 ? 1 : 0]
    const snapshot = structuredClone(before)
    const receipt = receive(before, flipped(sent.envelope, position % sent.envelope.length, mask), this.#tags)
    assert.notEqual(receipt.kind, 'delivered')
    assert.deepEqual(before, snapshot)
  }

  /** What a restart does: the state goes through a store and comes back. */
  restart(side: Side): void {
    this.endpoints[side] = deepFrozen(structuredClone(this.endpoints[side]))
  }

  /** Deliver again and again what has not arrived, oldest first, until nothing changes any more. */
  heal(): void {
    for (let left = Infinity; ;) {
      const missing = ([0, 1] as const).flatMap((side) =>
        this.directions[side].all.filter((sent) => !sent.delivered).map((sent) => ({ side, sent }))
      )
      if (missing.length === 0 || missing.length === left) return assert.equal(missing.length, 0)
      left = missing.length
      for (const { side, sent } of missing) this.deliver(side, sent)
    }
  }

  /** Nothing that ever travelled is taken a second time, and no key is left over. */
  assertExactlyOnce(): void {
    for (const side of [0, 1] as const) {
      for (const sent of this.directions[side].all) this.deliver(side, sent)
      assert.equal(this.endpoints[side].skipped.size, 0)
      assert.equal(this.endpoints[side].session.skippedCount, 0)
    }
  }

  #isWithinReach(to: Side, { chain, number }: Sent): boolean {
    const progress = this.progress[to]
    if (chain > progress.chain) {
      assert.equal(chain, progress.chain + 1, 'a sender begins a chain only after an answer to its last one')
      return number < NEXT_TAG_WINDOW
    }
    // Older ones have a skipped key.
    return chain < progress.chain || number < progress.next + progress.window
  }

  #advance(to: Side, { chain, number }: Sent): void {
    const progress = this.progress[to]
    if (chain > progress.chain) Object.assign(progress, { chain, next: 0, window: NEXT_TAG_WINDOW })
    if (chain < progress.chain || number < progress.next) return
    if (number - progress.next >= progress.window / 2)
      progress.window = Math.min(2 * progress.window, MAX_TAG_WINDOW)
    else if (progress.window < TAG_WINDOW && number >= progress.window / 2) progress.window *= 2
    progress.next = number + 1
  }
}

type Step =
  | { readonly act: 'send' | 'restart'; readonly side: Side }
  | { readonly act: 'deliver' | 'duplicate' | 'drop' | 'replay'; readonly side: Side; readonly pick: number }
  | {
      readonly act: 'garble'
      readonly side: Side
      readonly pick: number
      readonly position: number
      readonly mask: number
    }

const side = fc.constantFrom<Side>(0, 1)
const pick = fc.nat({ max: 1_000 })

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ act: fc.constant('send' as const), side }) },
    { weight: 5, arbitrary: fc.record({ act: fc.constant('deliver' as const), side, pick }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('duplicate', 'drop', 'replay'), side, pick }) },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant('garble' as const),
        side,
        pick,
        position: fc.nat({ max: 511 }),
        mask: fc.integer({ min: 1, max: 255 })
      })
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('restart' as const), side }) }
  ),
  { maxLength: 90, size: 'max' }
)

function apply(world: World, step: Step): void {
  if (!('pick' in step)) return step.act === 'send' ? world.send(step.side) : world.restart(step.side)
  const { all, inFlight } = world.directions[step.side]
  const source = step.act === 'replay' ? all : inFlight
  if (source.length === 0) return
  const index = step.pick % source.length
  const sent = must(source[index])
  if (step.act === 'garble') return world.garble(step.side, sent, step.position, step.mask)
  if (step.act === 'deliver' || step.act === 'drop') inFlight.splice(index, 1)
  if (step.act !== 'drop') world.deliver(step.side, sent)
}

describe('protocol/ratchet, two parties and any network', () => {
  it('decrypts every message exactly once, whatever is lost, repeated, reordered, changed or restarted', () => {
    fc.assert(
      fc.property(fc.integer(), steps, (seed, script) => {
        const world = new World(seed)
        for (const step of script) apply(world, step)
        world.heal()
        world.assertExactlyOnce()
      }),
      { numRuns: 80 }
    )
  })

  it('recognises within its windows only, and everything in the end, when bursts are larger than they are', () => {
    const bursts = fc.array(
      fc.record({
        side,
        count: fc.integer({ min: 1, max: 330 }),
        loss: fc.constantFrom(0, 0.1, 0.6, 0.95),
        shuffle: fc.boolean()
      }),
      { minLength: 1, maxLength: 5 }
    )
    fc.assert(
      fc.property(fc.integer(), bursts, (seed, script) => {
        const world = new World(seed)
        const random = seeded(seed)
        const chance = (): number => (random(1)[0] ?? 0) / 256
        world.send(0)
        for (const burst of script) {
          const { inFlight } = world.directions[burst.side]
          for (let sent = 0; sent < burst.count; sent += 1) world.send(burst.side)
          const arriving = inFlight.splice(0).filter(() => chance() >= burst.loss)
          if (burst.shuffle) arriving.sort(() => chance() - 0.5)
          for (const sent of arriving) world.deliver(burst.side, sent)
        }
        world.heal()
        world.assertExactlyOnce()
      }),
      { numRuns: 12 }
    )
  })

  it('decrypts three chains of three messages in each of many orders', () => {
    // 0-2 in the first chain, 3-5 in the second, 6-8 in the third; the answers between them arrive at once.
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 9, maxLength: 9 })
    fc.assert(
      fc.property(order, fc.integer(), (places, seed) => {
        const world = new World(seed)
        const [alice, bob] = world.directions
        for (let chain = 0; chain < 3; chain += 1) {
          for (let sent = 0; sent < 3; sent += 1) world.send(0)
          const first = must(alice.all[3 * chain])
          // Whichever of the chain comes first: one has to, or Bob could not answer.
          const opener = must(places.find((place) => Math.floor(place / 3) === chain))
          world.deliver(0, must(alice.all[opener]))
          assert.equal(first.chain, chain)
          world.send(1)
          world.deliver(1, must(bob.all.at(-1)))
        }
        for (const place of places) world.deliver(0, must(alice.all[place]))
        world.assertExactlyOnce()
      }),
      { numRuns: 60 }
    )
  })
})

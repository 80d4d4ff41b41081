import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RandomSource } from '../../src/crypto/random.js'
import { MAX_TAG_WINDOW, NEXT_TAG_WINDOW, TAG_WINDOW } from '../../src/protocol/limits.js'
import { endpointOf, receive, sendText, TagLookup, type Endpoint } from '../support/protocol-endpoint.js'
import { establish } from '../support/protocol-parties.js'
import { deepFrozen, flipped, seeded } from '../support/protocol-values.js'
import { histories, picked, type Model, type Step } from './history.js'

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
export class RatchetWorld {
  readonly endpoints: [Endpoint, Endpoint]
  readonly directions: readonly [Direction, Direction]
  readonly progress: readonly [Progress, Progress]
  readonly #tags = new TagLookup()
  /** Copies of states, as of a cloned or rolled-back store, and whether one was ever used. */
  readonly #copies: [Endpoint?, Endpoint?] = []
  hasForked = false
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
    if (this.hasForked) return this.#deliverToCopy(to, sent)
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

  /** Keep a copy of a state; later ones replace it. */
  copy(side: Side): void {
    this.#copies[side] = this.endpoints[side]
  }

  /** Go on with the copy, and keep the state there was as the next one: a rollback, or two clones that take turns. */
  fork(side: Side): void {
    const copy = this.#copies[side]
    if (copy === undefined || copy === this.endpoints[side]) return
    this.#copies[side] = this.endpoints[side]
    this.endpoints[side] = copy
    this.hasForked = true
  }

  /** Of two states that once were one nobody can say what they recognise: but they take the true text or nothing, and never change on a refusal. */
  #deliverToCopy(to: Side, sent: Sent): void {
    const before = this.endpoints[to]
    const snapshot = structuredClone(before)
    const receipt = receive(before, sent.envelope, this.#tags)
    if (receipt.kind !== 'delivered') return assert.deepEqual(before, snapshot)
    assert.equal(receipt.text, sent.text)
    this.endpoints[to] = deepFrozen(receipt.endpoint)
  }

  /** No key and nonce sealed two envelopes: a tag stands for one key of one chain. */
  assertNoNonceTwice(): void {
    const used = new Set<string>()
    for (const { envelope } of this.directions.flatMap(({ all }) => all)) {
      const tagAndNonce = Buffer.from(envelope.subarray(4, 32)).toString('hex')
      assert.ok(!used.has(tagAndNonce), 'a key and a nonce were used twice')
      used.add(tagAndNonce)
    }
  }

  /** No key sealed two envelopes; holds as long as no state was used twice. */
  assertNoKeyTwice(): void {
    const tags = this.directions.flatMap(({ all }) =>
      all.map(({ envelope }) => Buffer.from(envelope.subarray(4, 20)).toString('hex'))
    )
    assert.equal(new Set(tags).size, tags.length, 'a key was used twice')
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

type Act = 'send' | 'restart' | 'deliver' | 'duplicate' | 'drop' | 'replay' | 'garble' | 'copy' | 'fork'

function apply(world: RatchetWorld, { act, device, pick, amount }: Step<Act>): void {
  const side = device === 0 ? 0 : 1
  if (act === 'send') return world.send(side)
  if (act === 'restart') return world.restart(side)
  if (act === 'copy') return world.copy(side)
  if (act === 'fork') return world.fork(side)
  const { all, inFlight } = world.directions[side]
  const source = act === 'replay' ? all : inFlight
  const sent = picked(source, pick)
  if (sent === undefined) return
  if (act === 'garble') return world.garble(side, sent, amount, 1 + (amount % 255))
  if (act === 'deliver' || act === 'drop') inFlight.splice(inFlight.indexOf(sent), 1)
  if (act !== 'drop') world.deliver(side, sent)
}

const usual = { send: 6, deliver: 5, duplicate: 1, drop: 1, replay: 1, garble: 1, restart: 1 }

/** Two parties who take turns as they like, over a network that does what it likes. */
export const ratchet: Model = {
  name: 'ratchet',
  proves:
    'Invariant 11: decrypts every message exactly once, whatever is lost, repeated, reordered, changed or restarted',
  share: 40,
  usual: 100,
  check(options) {
    const arbitrary = histories<Act>(2, { ...usual, copy: 0, fork: 0 }, 90)
    const property = fc.property(arbitrary, ({ seed, steps }) => {
      const world = new RatchetWorld(seed)
      for (const step of steps) apply(world, step)
      world.heal()
      world.assertExactlyOnce()
      world.assertNoKeyTwice()
    })
    fc.assert(property, options)
  }
}

/** The same with states that are copied and gone back to. */
export const clones: Model = {
  name: 'clones',
  proves:
    'Invariant 7: never uses a key and a nonce twice, nor takes a wrong text, whatever is cloned or rolled back',
  share: 20,
  usual: 40,
  check(options) {
    const arbitrary = histories<Act>(2, { ...usual, copy: 2, fork: 2 }, 70)
    const property = fc.property(arbitrary, ({ seed, steps }) => {
      const world = new RatchetWorld(seed)
      for (const step of steps) apply(world, step)
      world.assertNoNonceTwice()
    })
    fc.assert(property, options)
  }
}

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DIRECT_FRAME_BYTES } from '../../../src/protocol/envelope/direct.js'
import { envelopeSize } from '../../../src/protocol/envelope/envelope.js'
import { DAY_MS } from '../../../src/protocol/limits.js'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import { endpointOf, TagLookup, type Endpoint } from '../../support/protocol-endpoint.js'
import { establish } from '../../support/protocol-parties.js'
import { epochOf, hear, payloadOf, pqOf, say } from '../../support/protocol-pq.js'
import { deepFrozen, must, NOW, seeded } from '../../support/protocol-values.js'

type Side = 0 | 1

interface Sent {
  readonly text: string
  readonly envelope: Uint8Array
  readonly epoch: number
  delivered: boolean
}

/** Two parties, time, and a network that is told what to do. */
class World {
  readonly endpoints: [Endpoint, Endpoint]
  readonly sent: readonly [Sent[], Sent[]] = [[], []]
  readonly inFlight: readonly [Sent[], Sent[]] = [[], []]
  now = NOW
  /** Every key that ever was agreed, by its number. */
  readonly keys = new Map<number, Uint8Array>()
  readonly #random
  readonly #tags = new TagLookup()

  constructor(seed: number) {
    const { alice, bob } = establish(seed)
    this.endpoints = [deepFrozen(endpointOf(alice)), deepFrozen(endpointOf(bob))]
    this.#random = seeded(seed ^ 0x9a)
  }

  get epochs(): readonly [number, number] {
    return [epochOf(this.endpoints[0]), epochOf(this.endpoints[1])]
  }

  send(side: Side, length: number): Sent | undefined {
    const before = this.endpoints[side]
    // A recipient has to hear from the initiator first.
    if (before.session.theirRatchetKey === undefined) return undefined
    const text = `${String(side)} says ${String(this.sent[side].length)} `.padEnd(length, '.')
    const { endpoint, envelope } = say(before, text, this.now, this.#random)
    const least = DIRECT_FRAME_BYTES + payloadOf(text).length + 1
    assert.equal(envelope.length, envelopeSize(least), 'the size it has without a piece')
    this.endpoints[side] = deepFrozen(endpoint)
    const epoch = endpoint.session.sending?.pq?.epoch ?? 0
    assert.ok(epoch >= (this.sent[side].at(-1)?.epoch ?? 0), 'no epoch comes back')
    const sent = { text, envelope, epoch, delivered: false }
    this.sent[side].push(sent)
    this.inFlight[side].push(sent)
    return sent
  }

  deliver(from: Side, sent: Sent): void {
    const to = from === 0 ? 1 : 0
    const heard = hear(this.endpoints[to], sent.envelope, this.now, this.#random, this.#tags)
    if (heard.kind !== 'heard') return assert.equal(heard.kind, 'unrecognised', JSON.stringify(heard))
    assert.ok(!sent.delivered, 'once')
    assert.deepEqual([heard.text, heard.refused], [sent.text, undefined])
    sent.delivered = true
    this.endpoints[to] = deepFrozen(heard.endpoint)
    this.check()
  }

  /** Whatever happened: both agree on the key of a number, and are never more than one epoch apart. */
  check(): void {
    for (const { agreed } of this.endpoints.map(pqOf)) {
      if (agreed === undefined) continue
      const known = this.keys.get(agreed.epoch) ?? agreed.key
      assert.deepEqual(agreed.key, known, `key ${String(agreed.epoch)}`)
      this.keys.set(agreed.epoch, known)
    }
    assert.ok(Math.abs(this.epochs[0] - this.epochs[1]) <= 1)
  }

  restart(side: Side): void {
    const { session, skipped } = this.endpoints[side]
    const restored = sessionRecord.decode(sessionRecord.encode(session))
    assert.deepEqual(restored, session)
    this.endpoints[side] = deepFrozen({ session: restored, skipped })
  }

  /** Deliver what is missing, oldest first, until nothing changes any more; as senders do who repeat. */
  heal(): void {
    for (let left = Infinity; ;) {
      const missing = ([0, 1] as const).flatMap((side) =>
        this.sent[side].filter(({ delivered }) => !delivered).map((sent) => ({ side, sent }))
      )
      if (missing.length === 0 || missing.length === left) return assert.equal(missing.length, 0)
      left = missing.length
      for (const { side, sent } of missing) this.deliver(side, sent)
    }
  }

  talk(rounds: number): void {
    for (let round = 0; round < rounds; round += 1) {
      for (const side of [0, 1] as const) {
        const sent = this.send(side, 30)
        if (sent !== undefined) this.deliver(side, sent)
      }
    }
  }
}

type Step =
  | { readonly act: 'send'; readonly side: Side; readonly length: number }
  | { readonly act: 'deliver' | 'duplicate' | 'drop' | 'replay'; readonly side: Side; readonly pick: number }
  | { readonly act: 'restart'; readonly side: Side }
  | { readonly act: 'wait'; readonly days: number }

const side = fc.constantFrom<Side>(0, 1)
const pick = fc.nat({ max: 1_000 })
const length = fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 1_500 }))

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ act: fc.constant('send' as const), side, length }) },
    { weight: 6, arbitrary: fc.record({ act: fc.constant('deliver' as const), side, pick }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('duplicate', 'drop', 'replay'), side, pick }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('restart' as const), side }) },
    {
      weight: 2,
      arbitrary: fc.record({ act: fc.constant('wait' as const), days: fc.integer({ min: -3, max: 40 }) })
    }
  ),
  { maxLength: 90, size: 'max' }
)

function apply(world: World, step: Step): void {
  if (step.act === 'send') world.send(step.side, step.length)
  else if (step.act === 'restart') world.restart(step.side)
  else if (step.act === 'wait') world.now += step.days * DAY_MS
  else {
    const source = step.act === 'replay' ? world.sent[step.side] : world.inFlight[step.side]
    if (source.length === 0) return
    const index = step.pick % source.length
    const sent = must(source[index])
    if (step.act === 'deliver' || step.act === 'drop') source.splice(index, 1)
    if (step.act !== 'drop') world.deliver(step.side, sent)
  }
}

describe('protocol/post-quantum, two parties, weeks and any network', () => {
  it('loses no message and no epoch, whatever is lost, repeated, reordered, late or restarted', () => {
    fc.assert(
      fc.property(fc.integer(), steps, (seed, script) => {
        const world = new World(seed)
        for (const step of script) apply(world, step)
        world.heal()
        const before = Math.max(...world.epochs)
        // From any state, talking goes on to the next epochs.
        for (let week = 0; week < 3; week += 1) {
          world.now += 8 * DAY_MS
          world.talk(10)
        }
        assert.ok(Math.min(...world.epochs) >= before + 2, `${String(world.epochs)} after ${String(before)}`)
      }),
      { numRuns: 15 }
    )
  })

  it('opens a message that nine epochs have overtaken', () => {
    const world = new World(5)
    world.talk(1)
    const late = must(world.send(0, 30))
    world.talk(1)
    while (Math.min(...world.epochs) < 9) {
      world.now += 8 * DAY_MS
      world.talk(14)
    }
    assert.ok(!late.delivered)
    world.deliver(0, late)
    assert.ok(late.delivered)
  })

  it('opens the rest of a chain of another epoch when the next chain is there already', () => {
    const world = new World(6)
    world.talk(1)
    world.now += 8 * DAY_MS
    const late: Sent[] = []
    // Every message of Alice is doubled, and the second of each two stays behind.
    for (let round = 0; round < 30; round += 1) {
      const [one, two] = [must(world.send(0, 30)), must(world.send(0, 30))]
      world.deliver(0, one)
      late.push(two)
      const answer = must(world.send(1, 30))
      world.deliver(1, answer)
    }
    assert.ok(new Set(late.map(({ epoch }) => epoch)).size > 1)
    for (const sent of late.reverse()) world.deliver(0, sent)
    assert.ok(late.every(({ delivered }) => delivered))
  })

  it('comes to an epoch within some forty messages of one word, half of them receipts', () => {
    const world = new World(7)
    world.talk(60)
    assert.ok(Math.min(...world.epochs) >= 1)
    world.talk(60)
    assert.ok(Math.min(...world.epochs) >= 3, String(world.epochs))
  })

  it('never advances while only one side is heard, and then does', () => {
    const world = new World(8)
    world.talk(1)
    world.now += 8 * DAY_MS
    for (let n = 0; n < 30; n += 1) world.send(0, 30)
    assert.deepEqual(world.epochs, [0, 0])
    world.now += 50 * DAY_MS
    world.heal()
    world.talk(8)
    assert.deepEqual(world.epochs, [1, 1])
  })
})

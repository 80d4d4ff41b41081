import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_SYNC_ASKED, MAX_SYNC_FRAME, SYNC_CREDIT } from '../../../src/protocol/limits.js'
import { encodeFrame } from '../../../src/protocol/sync/frames.js'
import { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { envelopeId, shortIdKey } from '../../../src/protocol/sync/item.js'
import type { Offer } from '../../../src/protocol/sync/reconcile.js'
import { SaltedView } from '../../../src/protocol/sync/salted-view.js'
import {
  acknowledge,
  askFor,
  awaitSync,
  finish,
  give,
  isOver,
  mayFinish,
  openSync,
  receiveFrame,
  type SyncSession,
  type SyncSurroundings
} from '../../../src/protocol/sync/session.js'

/** One side: its envelopes, and its session with another. */
class Side {
  readonly envelopes = new Map<string, Uint8Array>()
  readonly index = new ItemIndex()
  readonly out: Uint8Array[] = []
  session: SyncSession = awaitSync()
  readonly wants: Offer[] = []
  readonly lacking = new Set<string>()

  constructor(numbers: readonly number[]) {
    for (const number of numbers) this.add(envelopeOf(number))
  }

  add(envelope: Uint8Array): void {
    const id = envelopeId(envelope)
    this.envelopes.set(shortIdKey(id), envelope)
    this.index.insert({ day: (envelope[0] ?? 0) % 3, id }, 0)
  }

  surroundings: SyncSurroundings = {
    viewOf: (salt) => (salt === undefined ? this.index : new SaltedView(this.index, salt)),
    carrier: true,
    maxBytes: MAX_SYNC_FRAME
  }

  open(salt?: Uint8Array): void {
    const { session, frame } = openSync(this.index, true, salt)
    this.session = session
    this.out.push(frame)
  }

  receive(frame: Uint8Array): void {
    const step = receiveFrame(this.session, frame, this.surroundings)
    assert.ok(step.kind === 'stepped', step.kind === 'rejected' ? step.reason : '')
    this.session = step.session
    this.out.push(...step.frames)
    const { event } = step
    if (event.kind === 'compared') {
      this.wants.push(...event.wanted)
      for (const { id } of event.lacking) this.lacking.add(shortIdKey(id))
    }
    if (event.kind === 'given') {
      for (const envelope of event.envelopes) this.add(envelope)
      this.#say(acknowledge(this.session, event.bytes))
    }
    this.#goOn()
  }

  #goOn(): void {
    const owed = this.session.owed.slice(0, 3)
    if (owed.length > 0) {
      const given = owed.map((number) => {
        const envelope = this.envelopes.get(shortIdKey(this.session.named[number]?.id ?? new Uint8Array(0)))
        return envelope === undefined ? { number } : { number, envelope }
      })
      this.#say(give(this.session, given))
    }
    const offers = this.wants.splice(0, 5)
    if (offers.length > 0) this.#say(askFor(this.session, offers))
    if (mayFinish(this.session) && this.wants.length === 0) this.#say(finish(this.session))
  }

  #say({ session, frame }: { session: SyncSession; frame: Uint8Array }): void {
    this.session = session
    this.out.push(frame)
  }
}

function envelopeOf(number: number): Uint8Array {
  const envelope = new Uint8Array(64)
  envelope[0] = number & 0xff
  envelope[1] = number >> 8
  return envelope
}

/** Carry frames both ways until neither side has any; how many bytes that took. */
function run(one: Side, other: Side): number {
  let bytes = 0
  for (let frame = one.out.shift(); ; frame = one.out.shift()) {
    if (frame !== undefined) {
      bytes += frame.length
      other.receive(frame)
      continue
    }
    const back = other.out.shift()
    if (back === undefined) return bytes
    bytes += back.length
    one.receive(back)
  }
}

const sides = fc.tuple(
  fc.uniqueArray(fc.nat(2000), { maxLength: 150 }),
  fc.uniqueArray(fc.nat(2000), { maxLength: 150 })
)

describe('protocol/sync/session', () => {
  it('leaves both sides with everything, whatever they began with, salted or not', () => {
    fc.assert(
      fc.property(
        sides,
        fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined }),
        ([mine, yours], salt) => {
          const [one, other] = [new Side(mine), new Side(yours)]
          one.open(salt)
          run(one, other)
          const all = new Set([...mine, ...yours]).size
          assert.deepEqual([one.envelopes.size, other.envelopes.size], [all, all])
          for (const side of [one, other]) assert.ok(isOver(side.session) && side.session.isWhole)
        }
      ),
      { numRuns: 100 }
    )
  })

  it('tells exactly what the other lacked', () => {
    const [one, other] = [new Side([1, 2, 3, 4]), new Side([3, 4, 5])]
    const [mine, yours] = [[1, 2], [5]].map((numbers) =>
      numbers.map((n) => shortIdKey(envelopeId(envelopeOf(n))))
    )
    one.open()
    run(one, other)
    assert.deepEqual([one.lacking, other.lacking], [new Set(mine), new Set(yours)])
  })

  it('costs two hellos and two farewells where the sets are equal', () => {
    const numbers = Array.from({ length: 1_000 }, (_, n) => n)
    const [one, other] = [new Side(numbers), new Side(numbers)]
    one.open()
    assert.ok(run(one, other) <= 100)
  })

  const hello = (): Uint8Array => openSync(new ItemIndex(), true).frame

  /** A taker that has said hello, with three envelopes named to its opener. */
  function comparing(): SyncSession {
    const side = new Side([1, 2, 3])
    side.receive(hello())
    const greeted = side.session
    const named = [1, 2, 3].map((n) => ({ day: 1, id: envelopeId(envelopeOf(n)) }))
    return { ...greeted, named, asked: new Map([[0, envelopeId(envelopeOf(9)).subarray(0, 16)]]) }
  }

  const hostile: readonly [string, string, Uint8Array, SyncSession?][] = [
    ['bytes that are no frame', 'malformed', Uint8Array.of(99)],
    ['a second hello', 'out-of-turn', hello()],
    ['anything before the hello', 'out-of-turn', encodeFrame({ kind: 'done' }), awaitSync()],
    [
      'ranges when all is compared',
      'out-of-turn',
      encodeFrame({ kind: 'ranges', message: new Uint8Array(0) }),
      { ...comparing(), phase: 'compared' }
    ],
    ['ranges that are malformed', 'malformed', encodeFrame({ kind: 'ranges', message: Uint8Array.of(1) })],
    [
      'more rounds than there may be',
      'too-many-rounds',
      encodeFrame({ kind: 'ranges', message: new Uint8Array(0) }),
      { ...comparing(), rounds: 64 }
    ],
    ['a wish for what was not named', 'unasked', encodeFrame({ kind: 'want', numbers: [3] })],
    [
      'more wishes than are kept',
      'too-much-asked',
      encodeFrame({ kind: 'want', numbers: [1] }),
      { ...comparing(), owed: new Array<number>(MAX_SYNC_ASKED).fill(0) }
    ],
    [
      'an envelope nobody asked for',
      'unasked',
      encodeFrame({ kind: 'give', given: [{ number: 1, envelope: envelopeOf(9) }] })
    ],
    [
      'another envelope than was asked for',
      'unasked',
      encodeFrame({ kind: 'give', given: [{ number: 0, envelope: envelopeOf(8) }] })
    ],
    [
      'more than it was given credit for',
      'over-credit',
      encodeFrame({ kind: 'give', given: [{ number: 0, envelope: envelopeOf(9) }] }),
      { ...comparing(), unstored: SYNC_CREDIT }
    ],
    ['more stored than was given', 'over-credit', encodeFrame({ kind: 'took', bytes: 1 })]
  ]
  for (const [what, reason, frame, session] of hostile) {
    it(`ends with ${what}`, () => {
      const before = session ?? comparing()
      assert.deepEqual(receiveFrame(before, frame, new Side([]).surroundings), { kind: 'rejected', reason })
    })
  }

  it('takes what it asked for, and hears that something is gone', () => {
    const frame = encodeFrame({ kind: 'give', given: [{ number: 0, envelope: envelopeOf(9) }] })
    const step = receiveFrame(comparing(), frame, new Side([]).surroundings)
    assert.ok(step.kind === 'stepped' && step.event.kind === 'given')
    assert.deepEqual([step.event.envelopes, step.session.unstored], [[envelopeOf(9)], 64])
    const gone = receiveFrame(
      comparing(),
      encodeFrame({ kind: 'give', given: [{ number: 0 }] }),
      new Side([]).surroundings
    )
    assert.ok(gone.kind === 'stepped' && gone.session.asked.size === 0)
  })

  it('changes nothing of a session that it steps from', () => {
    const session = comparing()
    const before = JSON.stringify([session, [...session.asked.keys()]])
    receiveFrame(session, encodeFrame({ kind: 'want', numbers: [0, 1] }), new Side([]).surroundings)
    receiveFrame(session, encodeFrame({ kind: 'give', given: [{ number: 0 }] }), new Side([]).surroundings)
    assert.equal(JSON.stringify([session, [...session.asked.keys()]]), before)
  })
})

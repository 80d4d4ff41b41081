import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  MAX_SYNC_ASKED,
  MAX_SYNC_FRAME,
  MAX_SYNC_NAMED,
  MAX_SYNC_ROUNDS,
  SYNC_CREDIT
} from '../../../src/protocol/limits.js'
import { encodeFrame } from '../../../src/protocol/sync/frames.js'
import { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { END, envelopeId, shortIdKey } from '../../../src/protocol/sync/item.js'
import { RangeWriter, type SyncRange } from '../../../src/protocol/sync/range-message.js'
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
  type SyncStep,
  type SyncSurroundings
} from '../../../src/protocol/sync/session.js'
import { expectKind } from '../../support/protocol-values.js'

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

  it('costs two hellos and two farewells where the sets are equal, salted or not', () => {
    const numbers = Array.from({ length: 1_000 }, (_, n) => n)
    for (const salt of [undefined, new Uint8Array(16).fill(7)]) {
      const [one, other] = [new Side(numbers), new Side(numbers)]
      one.open(salt)
      assert.ok(run(one, other) <= 100)
    }
  })

  it('is compared for the opener with a hello of an equal set, and for the taker when the opener says so', () => {
    const [one, other] = [new Side([1]), new Side([1])]
    one.open()
    other.receive(one.out.shift() ?? new Uint8Array(0))
    assert.equal(other.session.phase, 'comparing')
    one.receive(other.out.shift() ?? new Uint8Array(0))
    assert.equal(one.session.phase, 'compared')
  })

  const hello = (): Uint8Array => openSync(new ItemIndex(), true).frame

  /** What taking in a frame leads to, which must not be a rejection. */
  function taken(session: SyncSession, frame: Uint8Array, side = new Side([])): SyncStep {
    return expectKind(receiveFrame(session, frame, side.surroundings), 'stepped')
  }

  function rangesFrame(...ranges: readonly SyncRange[]): Uint8Array {
    const writer = new RangeWriter(MAX_SYNC_FRAME)
    for (const range of ranges) writer.put(range)
    return encodeFrame({ kind: 'ranges', message: writer.finish() })
  }

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
    [
      'a salt that is not the opener’s',
      'out-of-turn',
      openSync(new ItemIndex(), true, new Uint8Array(16)).frame,
      openSync(new ItemIndex(), true).session
    ],
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
      { ...comparing(), rounds: MAX_SYNC_ROUNDS }
    ],
    ['a wish for what was not named', 'unasked', encodeFrame({ kind: 'want', numbers: [0, 3] })],
    [
      'the lack of what was not named',
      'unasked',
      rangesFrame({ upper: END, kind: 'answer', missing: [0, 3], ids: [] })
    ],
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
      { ...comparing(), unstored: SYNC_CREDIT - 63 }
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

  it('takes as many wishes, and as many bytes that are not stored, as it may have', () => {
    const wish = encodeFrame({ kind: 'want', numbers: [1] })
    const owed = new Array<number>(MAX_SYNC_ASKED - 1).fill(0)
    assert.equal(taken({ ...comparing(), owed }, wish).session.owed.length, MAX_SYNC_ASKED)
    const gift = encodeFrame({ kind: 'give', given: [{ number: 0, envelope: envelopeOf(9) }] })
    assert.equal(taken({ ...comparing(), unstored: SYNC_CREDIT - 64 }, gift).session.unstored, SYNC_CREDIT)
  })

  it('gives as much as the other takes at once, and never more than the bound', () => {
    const creditAfter = (credit: number): number =>
      taken(awaitSync(), openSync(new ItemIndex(), true, undefined, credit).frame).session.credit
    assert.deepEqual([0, 1_000, SYNC_CREDIT, SYNC_CREDIT + 1].map(creditAfter), [
      0,
      1_000,
      SYNC_CREDIT,
      SYNC_CREDIT
    ])
  })

  it('hears of purges before the hello', () => {
    const secret = new Uint8Array(16).fill(4)
    const step = taken(awaitSync(), encodeFrame({ kind: 'purge', secrets: [secret] }))
    assert.deepEqual(step, {
      kind: 'stepped',
      session: awaitSync(),
      frames: [],
      event: { kind: 'purged', secrets: [secret] }
    })
  })

  it('ends the comparison with the last round, and with the first id that is one too many', () => {
    const side = new Side([1, 2, 3])
    // Leads to a list of all three.
    const frame = rangesFrame({ upper: END, kind: 'fingerprint', fingerprint: new Uint8Array(16) })
    const item = { day: 1, id: envelopeId(envelopeOf(1)) }
    const begun = comparing()
    const named = (count: number): SyncSession => ({ ...begun, named: new Array(count).fill(item) })
    for (const [session, phase] of [
      [{ ...begun, rounds: MAX_SYNC_ROUNDS - 2 }, 'comparing'],
      [{ ...begun, rounds: MAX_SYNC_ROUNDS - 1 }, 'compared'],
      [named(MAX_SYNC_NAMED - 3), 'comparing'],
      [named(MAX_SYNC_NAMED - 2), 'compared'],
      [{ ...begun, offered: MAX_SYNC_NAMED }, 'comparing'],
      [{ ...begun, offered: MAX_SYNC_NAMED + 1 }, 'compared']
    ] as const) {
      const step = taken(session, frame, side)
      assert.equal(step.session.phase, phase)
      assert.equal(step.frames.length, phase === 'comparing' ? 1 : 0)
      assert.equal(step.session.isWhole, false)
    }
  })

  it('is over when both have said that they want nothing more, and nothing is owed', () => {
    const over = { ...awaitSync(), isDone: true, isOtherDone: true }
    assert.ok(isOver(over))
    assert.ok(!isOver({ ...over, isDone: false }))
    assert.ok(!isOver({ ...over, isOtherDone: false }))
    assert.ok(!isOver({ ...over, owed: [0] }))
    assert.ok(!isOver(awaitSync()))
  })

  it('changes nothing of a session that it steps from', () => {
    const session = comparing()
    const before = JSON.stringify([session, [...session.asked.keys()]])
    receiveFrame(session, encodeFrame({ kind: 'want', numbers: [0, 1] }), new Side([]).surroundings)
    receiveFrame(session, encodeFrame({ kind: 'give', given: [{ number: 0 }] }), new Side([]).surroundings)
    assert.equal(JSON.stringify([session, [...session.asked.keys()]]), before)
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeConversationId, encodeIdentityId } from '../../../src/codec/ids.js'
import {
  bodyShare,
  decodePayload,
  encodeBody,
  encodePayload,
  messageId,
  textLength,
  type Body,
  type Payload
} from '../../../src/protocol/message/payload.js'
import {
  MAX_ADDRESSES,
  MAX_BODIES,
  MAX_CONTENT_BYTES,
  MAX_MEDIA_TYPE_BYTES,
  MAX_NAME_BYTES,
  MAX_PARENTS,
  MAX_RECEIPT_RANGES,
  MAX_STREAMS
} from '../../../src/protocol/limits.js'
import {
  anyBytes,
  assertRejected,
  expectKind,
  joined,
  mutated,
  seeded
} from '../../support/protocol-values.js'

const STREAM = seeded(1)(8)

function body(change: Partial<Body> = {}): Body {
  return {
    stream: STREAM,
    number: 0,
    clock: 1,
    parents: [],
    sentAt: 1_750_000_000_000,
    text: 'hello',
    ...change
  }
}

function payload(change: Partial<Body> = {}): Payload {
  return { bodies: [body(change)], receipts: [] }
}

function encoded({ bodies, receipts }: Payload): Uint8Array {
  return encodePayload(bodies.map(encodeBody), receipts)
}

/** Without `undefined`, prototypes and Buffers, so that only content is compared. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member: unknown) => (member instanceof Uint8Array ? [...member] : member))
  )
}

/** A body without the text. */
function untold(change: Partial<Body>): Payload {
  const { text: _text, ...rest } = body()
  return { bodies: [{ ...rest, ...change }], receipts: [] }
}

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const content: fc.Arbitrary<Partial<Body>> = fc.oneof(
  fc.record({ text: fc.string({ unit: 'binary', maxLength: 300, size: 'max' }) }),
  fc.record({ data: fc.record({ mediaType: fc.string({ maxLength: 20 }), bytes: anyBytes(400) }) }),
  fc.record({
    profile: fc.record({
      name: fc.string({ maxLength: 20 }),
      addresses: fc.array(fc.string({ maxLength: 60 }), { maxLength: MAX_ADDRESSES }),
      bundle: anyBytes(1_600)
    })
  }),
  fc.constant({})
)
const ranges = fc
  .array(fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 2 ** 40 })), {
    maxLength: MAX_RECEIPT_RANGES
  })
  .map((steps) => {
    let end = 0
    return steps.flatMap(([gap, count]) => {
      const first = end + gap
      end = first + count
      return [first, count]
    })
  })
const bodies = fc
  .record({
    head: fc.record({
      stream: bytes(8),
      number: fc.maxSafeNat(),
      clock: fc.maxSafeNat(),
      parents: fc.array(bytes(16), { maxLength: MAX_PARENTS }),
      sentAt: fc.maxSafeNat()
    }),
    content
  })
  .map(({ head, content: told }) => ({ ...head, ...told }))
const payloads = fc.record({
  bodies: fc.array(bodies, { maxLength: 4 }),
  receipts: fc.array(fc.record({ stream: bytes(8), delivered: ranges, read: ranges }), {
    maxLength: MAX_STREAMS
  })
})

describe('protocol/message/payload', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(payloads, (one) => {
        const decoded = expectKind(decodePayload(encoded(one)), 'decoded')
        assert.deepEqual(plain(decoded.payload), plain(one))
      })
    )
  })

  it('adds to a body a tag and a length no longer than it need be, and counts for them as much as they can take', () => {
    for (const [length, added] of [
      [0, 2],
      [127, 2],
      [128, 3],
      [16_383, 3],
      [16_384, 4]
    ] as const) {
      const one = new Uint8Array(length)
      assert.equal(encodePayload([one], []).length, length + added)
      assert.equal(bodyShare(one), length + 1 + 5)
    }
  })

  it('takes a receipt without a message, and a message of a kind it does not know', () => {
    const receipt = { stream: STREAM, delivered: [5, 3], read: [] }
    assert.deepEqual(
      plain(expectKind(decodePayload(encoded({ bodies: [], receipts: [receipt] })), 'decoded').payload),
      { bodies: [], receipts: [plain(receipt)] }
    )
    const { payload: unknown } = expectKind(decodePayload(encoded(untold({}))), 'decoded')
    assert.equal(unknown.bodies[0]?.text, undefined)
    assert.equal(expectKind(decodePayload(new Uint8Array(0)), 'decoded').payload.bodies.length, 0)
  })

  it('ignores fields of later versions', () => {
    const now = encoded(payload())
    // Field 99, length-delimited, three bytes; field 100, a number.
    const later = joined(now, Uint8Array.of(0x9a, 0x06, 3, 1, 2, 3, 0xa0, 0x06, 7))
    assert.equal(expectKind(decodePayload(later), 'decoded').payload.bodies[0]?.text, 'hello')
  })

  it('takes any and mutated bytes without throwing, and nothing over its limits', () => {
    const valid = encoded({
      bodies: [body({ parents: [seeded(2)(16)] }), body()],
      receipts: [{ stream: STREAM, delivered: [0, 4, 9, 1], read: [0, 2] }]
    })
    fc.assert(
      fc.property(fc.oneof(anyBytes(300), mutated(valid)), (hostile) => {
        const decoded = decodePayload(hostile)
        if (decoded.kind === 'rejected') return
        const { bodies: told, receipts } = decoded.payload
        assert.ok(receipts.length <= MAX_STREAMS)
        for (const { stream, parents } of told)
          assert.ok(stream.length === 8 && parents.every((id) => id.length === 16))
      }),
      { numRuns: 2_000 }
    )
  })

  it('refuses a text that is no UTF-8, and keeps the mark at the beginning of one', () => {
    const told = encoded(payload({ text: '\ufeffhello' }))
    assert.equal(expectKind(decodePayload(told), 'decoded').payload.bodies[0]?.text, '\ufeffhello')
    const broken = told.slice()
    broken[broken.lastIndexOf(0x6f)] = 0xff
    assertRejected(decodePayload(broken), 'malformed')
  })

  it('refuses a name, an address and a media type that are no UTF-8', () => {
    const marked = [
      untold({ profile: { name: 'aaa', addresses: [], bundle: STREAM } }),
      untold({ profile: { name: '', addresses: ['b', 'aaa'], bundle: STREAM } }),
      untold({ data: { mediaType: 'aaa', bytes: STREAM } })
    ]
    // Too long for what it says, half of a pair, cut short: each would be another text once it was stored.
    for (const broken of [
      [0xe0, 0x80, 0xaf],
      [0xed, 0xa0, 0x80],
      [0x61, 0x61, 0xf0]
    ]) {
      for (const one of marked) {
        const told = encoded(one)
        const at = Buffer.from(told).indexOf('aaa')
        assert.equal(decodePayload(told).kind, 'decoded')
        told.set(broken, at)
        assertRejected(decodePayload(told), 'malformed')
      }
    }
  })

  it('refuses nests and lengths that would cost more than they carry', () => {
    // Ten thousand beginnings of a group; a length of four gigabytes; a number without end.
    for (const hostile of [
      new Uint8Array(10_000).fill(0x0b),
      Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f),
      new Uint8Array(30).fill(0xff)
    ]) {
      assertRejected(decodePayload(hostile), 'malformed')
    }
  })

  it('takes the greatest safe integer, and refuses what is greater', () => {
    const greatest = encoded(payload({ number: Number.MAX_SAFE_INTEGER }))
    assert.equal(decodePayload(greatest).kind, 'decoded')
    // Its last seven bits, and one more.
    const greater = greatest.slice()
    const last = greater.lastIndexOf(0xff) + 1
    assert.equal(greater[last], 0x0f)
    greater[last] = 0x1f
    assertRejected(decodePayload(greater), 'malformed')
  })

  it('refuses every value over its limit', () => {
    const over: Payload[] = [
      payload({ stream: STREAM.slice(1) }),
      payload({ parents: [seeded(2)(15)] }),
      payload({ text: 'x'.repeat(MAX_CONTENT_BYTES + 1) }),
      payload({ text: 'ü'.repeat(MAX_CONTENT_BYTES / 2 + 1) }),
      untold({ data: { mediaType: '', bytes: new Uint8Array(MAX_CONTENT_BYTES + 1) } }),
      untold({ data: { mediaType: 'x'.repeat(MAX_MEDIA_TYPE_BYTES + 1), bytes: STREAM } }),
      untold({ profile: { name: 'x'.repeat(MAX_NAME_BYTES + 1), addresses: [], bundle: STREAM } }),
      untold({ profile: { name: '', addresses: ['x'.repeat(161)], bundle: STREAM } }),
      untold({ profile: { name: '', addresses: [], bundle: new Uint8Array(2_049) } }),
      payload({ data: { mediaType: '', bytes: STREAM } }),
      { bodies: [], receipts: [{ stream: STREAM, delivered: [1], read: [] }] },
      { bodies: [], receipts: [{ stream: STREAM, delivered: [], read: [5, 1, 5, 1] }] },
      { bodies: [], receipts: [{ stream: new Uint8Array(0), delivered: [], read: [] }] }
    ]
    for (const [index, one] of over.entries())
      assertRejected(decodePayload(encoded(one)), index >= 0 ? 'over-limit' : '')
    const many: Payload[] = [
      { bodies: Array.from({ length: MAX_BODIES + 1 }, () => body()), receipts: [] },
      payload({ parents: Array.from({ length: MAX_PARENTS + 1 }, () => seeded(2)(16)) }),
      untold({
        profile: { name: '', addresses: Array.from({ length: MAX_ADDRESSES + 1 }, () => ''), bundle: STREAM }
      }),
      {
        bodies: [],
        receipts: Array.from({ length: MAX_STREAMS + 1 }, () => ({ stream: STREAM, delivered: [], read: [] }))
      },
      {
        bodies: [],
        receipts: [
          { stream: STREAM, delivered: new Array<number>(2 * MAX_RECEIPT_RANGES + 1).fill(1), read: [] }
        ]
      }
    ]
    for (const one of many) assertRejected(decodePayload(encoded(one)), 'malformed')
  })

  it('takes every value at its limit', () => {
    const pairs = Array.from({ length: MAX_RECEIPT_RANGES }, (_, run) => [2 * run, 1]).flat()
    const most: Payload[] = [
      payload({ text: 'x'.repeat(MAX_CONTENT_BYTES) }),
      payload({ text: 'ü'.repeat(MAX_CONTENT_BYTES / 2) }),
      untold({
        data: { mediaType: 'x'.repeat(MAX_MEDIA_TYPE_BYTES), bytes: new Uint8Array(MAX_CONTENT_BYTES) }
      }),
      untold({
        profile: {
          name: 'x'.repeat(MAX_NAME_BYTES),
          addresses: Array.from({ length: MAX_ADDRESSES }, () => 'x'.repeat(160)),
          bundle: new Uint8Array(2_048)
        }
      }),
      { bodies: [], receipts: [{ stream: STREAM, delivered: pairs, read: pairs }] }
    ]
    for (const one of most) assert.equal(decodePayload(encoded(one)).kind, 'decoded')
  })

  it('measures text as it is sent', () => {
    assert.equal(textLength('aü€😀'), 1 + 2 + 3 + 4)
  })

  it('gives a message the same id on both sides, and nobody else’s', () => {
    const [alice, bob] = [encodeIdentityId(seeded(1)(20)), encodeIdentityId(seeded(2)(20))]
    const conversation = encodeConversationId(seeded(3)(20))
    const ids = [
      messageId(alice, conversation, STREAM, 1),
      messageId(bob, conversation, STREAM, 1),
      messageId(alice, encodeConversationId(seeded(4)(20)), STREAM, 1),
      messageId(alice, conversation, seeded(5)(8), 1),
      messageId(alice, conversation, STREAM, 2),
      messageId(alice, conversation, STREAM, 2 ** 40 + 1)
    ]
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(messageId(alice, conversation, STREAM.slice(), 1), ids[0])
    assert.match(String(ids[0]), /^[0-9a-f]{32}$/)
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeConversationId, encodeIdentityId, encodeMessageId } from '../../src/codec/ids.js'
import { PRESSING_FIRST } from '../../src/protocol/message/priority.js'
import type { PqExchange, PqRatchet } from '../../src/protocol/post-quantum/pq-ratchet.js'
import type { RecordCodec } from '../../src/storage/records/record-codec.js'

export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
export const someBytes = fc.uint8Array({ maxLength: 40 })
const u8 = fc.integer({ min: 0, max: 0xff })
const u16 = fc.integer({ min: 0, max: 0xffff })
export const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
export const u64 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
export const priorities = fc.constantFrom(...PRESSING_FIRST)
export const text = fc.string({ unit: 'grapheme', maxLength: 20 })
export const identityIds = bytesOf(20).map(encodeIdentityId)
export const conversationIds = bytesOf(20).map(encodeConversationId)
export const messageIds = bytesOf(16).map(encodeMessageId)
export const ranges = fc.array(fc.tuple(u64, u64), { maxLength: 4 })
export const pairs = recordOf({ publicKey: bytesOf(32), secretKey: bytesOf(32) })

/** Plain objects, as the codecs return them. */
export function recordOf<T extends object>(model: {
  readonly [Name in keyof T]: fc.Arbitrary<T[Name]>
}): fc.Arbitrary<T> {
  return fc.record<T>(model).map((value) => ({ ...value }))
}

/** The fields of `optional` may be absent, as `exactOptionalPropertyTypes` has it. */
export function withOptional<Required extends object, Optional extends object>(
  required: fc.Arbitrary<Required>,
  optional: { readonly [Name in keyof Optional]: fc.Arbitrary<Optional[Name]> }
): fc.Arbitrary<Required & Partial<Optional>> {
  return fc
    .tuple(required, fc.record(optional, { requiredKeys: [], noNullPrototype: true }))
    .map(([one, other]) => ({ ...one, ...other }))
}

export const heldInvites = withOptional(recordOf({ secret: bytesOf(32), count: u32, notAfter: u64 }), {
  oneTimeKey: bytesOf(32)
})

export const epochKeys = recordOf({ epoch: u16, key: bytesOf(32) })
const authenticators = recordOf({ chainKey: bytesOf(32), macKey: bytesOf(32) })
const outgoings = recordOf({ whole: someBytes, next: u8, left: u8 })
const gathereds = recordOf({ bytes: someBytes, present: someBytes })
const pqExchanges: fc.Arbitrary<PqExchange> = fc.oneof(
  withOptional(
    recordOf({ kind: fc.constant('offering' as const), secretKey: bytesOf(64), outgoing: outgoings }),
    { answer: gathereds }
  ),
  recordOf({ kind: fc.constant('gathering' as const), offer: gathereds }),
  recordOf({
    kind: fc.constant('answering' as const),
    outgoing: outgoings,
    authenticator: authenticators,
    epochKey: epochKeys
  })
)
export const pqRatchets: fc.Arbitrary<PqRatchet> = withOptional(
  recordOf({
    role: fc.constantFrom('initiator' as const, 'recipient' as const),
    authenticator: authenticators,
    messages: u32,
    since: u64
  }),
  { agreed: epochKeys, exchange: pqExchanges }
)

/** What every record promises: it comes back as it was, and whatever else is in its place is called damaged. */
export function itIsARecord<T>(codec: RecordCodec<T>, values: fc.Arbitrary<T>): void {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(values, (value) => {
        assert.deepEqual(codec.decode(codec.encode(value)), value)
      })
    )
  })

  it('keeps no part of the bytes it was read from', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = codec.encode(value).slice()
        const decoded = codec.decode(bytes)
        bytes.fill(0)
        assert.deepEqual(decoded, value)
      }),
      { numRuns: 20 }
    )
  })

  it('is damaged when it is of another version, cut off or too long', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (value, share) => {
        const bytes = codec.encode(value).slice()
        const isDamaged = { code: 'RECORD_DAMAGED' }
        assert.throws(() => codec.decode(bytes.slice(0, Math.floor(share * (bytes.length - 1)))), isDamaged)
        assert.throws(() => codec.decode(Uint8Array.of(...bytes, 0)), isDamaged)
        const [version = 0] = bytes
        for (const other of [0, version + 1]) {
          bytes[0] = other
          assert.throws(() => codec.decode(bytes), isDamaged)
        }
      }),
      { numRuns: 30 }
    )
  })

  it('of any other bytes is damaged or a record, and never anything else', () => {
    fc.assert(
      fc.property(values, fc.uint8Array({ maxLength: 200 }), fc.nat(), u32, (value, noise, at, mask) => {
        const mutated = codec.encode(value).slice()
        mutated[at % mutated.length] = (mutated[at % mutated.length] ?? 0) ^ (mask & 0xff)
        for (const bytes of [mutated, noise, Uint8Array.of(1, ...noise)]) {
          try {
            codec.decode(bytes)
          } catch (error) {
            assert.ok(
              error instanceof Error && 'code' in error && error.code === 'RECORD_DAMAGED',
              String(error)
            )
          }
        }
      })
    )
  })
}

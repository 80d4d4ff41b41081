import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RandomSource } from '../../src/crypto/random.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { hex } from './vectors.js'

/** Monday noon in mid-2025. */
export const NOW = Date.UTC(2025, 5, 16, 12)

/** Reproducible random bytes. */
export function seeded(seed: number): RandomSource {
  return createSeededRandom(seed).bytes
}

/** The value, or a failed test. */
export function must<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined, 'expected a value')
  return value
}

/** Hands out these bytes one after the other, each when as many are asked for. */
export function scripted(...parts: readonly Uint8Array[]): RandomSource {
  const left = [...parts]
  return (length) => {
    const next = must(left.shift())
    if (next.length !== length) throw new Error(`asked for ${String(length)} random bytes`)
    return next.slice()
  }
}

/** The member of a union of this kind, or a failed test that tells what it was instead. */
export function expectKind<Union extends { readonly kind: string }, Kind extends Union['kind']>(
  value: Union,
  kind: Kind
): Extract<Union, { readonly kind: Kind }> {
  if (!isKind(value, kind)) {
    const reason = 'reason' in value ? `: ${String(value.reason)}` : ''
    assert.fail(`expected ${kind}, got ${value.kind}${reason}`)
  }
  return value
}

function isKind<Union extends { readonly kind: string }, Kind extends Union['kind']>(
  value: Union,
  kind: Kind
): value is Extract<Union, { readonly kind: Kind }> {
  return value.kind === kind
}

/** Fails unless `value` is a rejection with this reason. */
export function assertRejected(value: { readonly kind: string }, reason: string): void {
  assert.deepEqual(value, { kind: 'rejected', reason })
}

/** `bytes` with one bit pattern changed at `position`. */
export function flipped(bytes: Uint8Array, position: number, mask = 1): Uint8Array {
  const changed = bytes.slice()
  changed[position] = (changed[position] ?? 0) ^ mask
  return changed
}

/** Any bytes, also long ones. */
export function anyBytes(maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength, size: 'max' })
}

/** What an attacker makes of valid bytes: changed, cut, lengthened, or two pieces in another order. Never the bytes themselves. */
export function mutated(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat({ max: Math.max(0, valid.length - 1) })
  const flip = fc.tuple(position, fc.integer({ min: 1, max: 255 }))
  return fc
    .oneof(
      fc
        .array(flip, { minLength: 1, maxLength: 4 })
        .map((flips) => flips.reduce((bytes, [at, mask]) => flipped(bytes, at, mask), valid)),
      position.map((length) => valid.slice(0, length)),
      fc
        .tuple(position, fc.uint8Array({ minLength: 1, maxLength: 40 }))
        .map(([at, extra]) => joined(valid.subarray(0, at), extra, valid.subarray(at))),
      fc.tuple(position, position).map(([at, from]) => joined(valid.subarray(0, at), valid.subarray(from)))
    )
    .filter((bytes) => Buffer.compare(bytes, valid) !== 0)
}

/** The parts in one array. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** Freezes an object and all it holds; bytes cannot be frozen and are to be compared instead. */
export function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const member of Object.values(value)) deepFrozen<unknown>(member)
    Object.freeze(value)
  }
  return value
}

/** Every u-coordinate whose X25519 shared secret is zero for everybody (RFC 7748 §6.1), also as non-canonical encodings. */
export const LOW_ORDER_KEYS: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
].map(hex)

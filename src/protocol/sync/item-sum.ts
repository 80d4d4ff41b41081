import { sha256 } from '../../crypto/hash.js'
import { label } from '../labels.js'
import { ENVELOPE_ID_BYTES } from './item.js'

/** Words of 32 bits in a sum of ids. */
export const SUM_WORDS = 8
/** Bytes of a fingerprint. */
export const FINGERPRINT_BYTES = 16

const WORD = 0x1_0000_0000

/** A sum of ids, each taken as a little-endian integer, modulo 2^256: the lowest word first. */
export type ItemSum = Uint32Array

export function emptySum(): ItemSum {
  return new Uint32Array(SUM_WORDS)
}

/** Add the id at `offset` of `ids` to `sum`, in place. */
export function addId(sum: ItemSum, ids: Uint8Array, offset: number): void {
  let carry = 0
  for (let word = 0; word < SUM_WORDS; word++) {
    const total = (sum[word] ?? 0) + wordAt(ids, offset + 4 * word) + carry
    sum[word] = total
    carry = total >= WORD ? 1 : 0
  }
}

/** Take the id at `offset` of `ids` from `sum`, in place. */
export function subtractId(sum: ItemSum, ids: Uint8Array, offset: number): void {
  let borrow = 0
  for (let word = 0; word < SUM_WORDS; word++) {
    const total = (sum[word] ?? 0) - wordAt(ids, offset + 4 * word) - borrow
    sum[word] = total
    borrow = total < 0 ? 1 : 0
  }
}

/** Add the sum that begins at word `offset` of `sums`, or take it away, in place. */
export function addSum(sum: ItemSum, sums: Uint32Array, offset: number, sign: 1 | -1): void {
  let carry = 0
  for (let word = 0; word < SUM_WORDS; word++) {
    const total = (sum[word] ?? 0) + sign * (sums[offset + word] ?? 0) + carry
    sum[word] = total
    carry = Math.floor(total / WORD)
  }
}

/** SHA-256("sync/fingerprint" ‖ sum, 32 bytes little-endian ‖ count u32)[0..16). */
export function fingerprintOf(sum: ItemSum, count: number): Uint8Array {
  const input = new Uint8Array(ENVELOPE_ID_BYTES + 4)
  for (let at = 0; at < ENVELOPE_ID_BYTES; at++) input[at] = (sum[at >> 2] ?? 0) >>> (8 * (at & 3))
  for (let at = 0; at < 4; at++) input[ENVELOPE_ID_BYTES + at] = count >>> (24 - 8 * at)
  return sha256(label('sync/fingerprint'), input).slice(0, FINGERPRINT_BYTES)
}

function wordAt(ids: Uint8Array, at: number): number {
  const high = (ids[at + 3] ?? 0) * 0x100_0000
  return high + (((ids[at + 2] ?? 0) << 16) | ((ids[at + 1] ?? 0) << 8) | (ids[at] ?? 0))
}

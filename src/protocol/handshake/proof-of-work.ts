import { Writer } from '../../codec/writer.js'
import { sha256 } from '../../crypto/hash.js'
import { label } from '../labels.js'
import { PROOF_OF_WORK_BITS } from '../limits.js'

/** Bytes of a proof: a counter. */
export const PROOF_BYTES = 8

/** A search that is done a slice at a time, so that no event loop stands still for a second. */
export interface ProofSearch {
  /** SHA-256 of everything the proof pays for. */
  readonly challenge: Uint8Array
  readonly next: number
}

function encodeProof(value: number): Uint8Array {
  return new Writer(PROOF_BYTES).u64(value).finish()
}

/** Up to 32. Put together from bytes: a view of each of a million hashes takes longer than they do. */
function leadingZeroBits(hash: Uint8Array): number {
  const bits = ((hash[0] ?? 0) << 24) | ((hash[1] ?? 0) << 16) | ((hash[2] ?? 0) << 8) | (hash[3] ?? 0)
  return Math.clz32(bits)
}

/** Whether SHA-256("pow" ‖ challenge ‖ proof) begins with {@link PROOF_OF_WORK_BITS} zero bits. */
export function isProof(challenge: Uint8Array, proof: Uint8Array): boolean {
  return leadingZeroBits(sha256(label('pow'), challenge, proof)) >= PROOF_OF_WORK_BITS
}

/** Try `count` more proofs: the proof, or where to go on. */
export function searchProof(
  search: ProofSearch,
  count: number
):
  | { readonly kind: 'found'; readonly proof: Uint8Array }
  | { readonly kind: 'searching'; readonly search: ProofSearch } {
  // One buffer for all tries: assembling it would cost more than hashing it.
  const input = new Writer()
    .bytes(label('pow'))
    .bytes(search.challenge)
    .bytes(encodeProof(search.next))
    .finish()
  const view = new DataView(input.buffer, input.byteOffset + input.length - PROOF_BYTES, PROOF_BYTES)
  for (let value = search.next; value < search.next + count; value++) {
    view.setUint32(0, Math.floor(value / 0x1_0000_0000))
    view.setUint32(4, value % 0x1_0000_0000)
    if (leadingZeroBits(sha256(input)) >= PROOF_OF_WORK_BITS)
      return { kind: 'found', proof: encodeProof(value) }
  }
  return { kind: 'searching', search: { ...search, next: search.next + count } }
}

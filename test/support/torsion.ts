import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { hex } from './vectors.js'

type Point = InstanceType<typeof ed25519.Point>

const { Point } = ed25519
const ORDER = Point.Fn.ORDER

/** The eight points of small order, canonically encoded. */
export const smallOrderKeys: readonly Uint8Array[] = ED25519_TORSION_SUBGROUP.map((text) => hex(text))

/** A signature whose key or R carries a component of small order, and what lax verifiers say to it. */
export interface TorsionCase {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** Whether [S]B = R + [h]A holds: a verifier without the cofactor that takes any key accepts it. */
  readonly cofactorless: boolean
}

/**
 * A signature by the secret scalar of `seed` with torsion points `keyTorsion` and `nonceTorsion` (indexes into
 * {@link smallOrderKeys}) added to A and R. It always satisfies the equation multiplied by the cofactor.
 */
export function signWithTorsion(
  seed: Uint8Array,
  message: Uint8Array,
  keyTorsion: number,
  nonceTorsion: number
): TorsionCase {
  const a = scalarOf(seed)
  const r = scalarOf(message)
  const publicKey = Point.BASE.multiply(a).add(torsion(keyTorsion)).toBytes()
  const encodedR = Point.BASE.multiply(r).add(torsion(nonceTorsion)).toBytes()
  const h = bytesToNumberLE(sha512(Buffer.concat([encodedR, publicKey, message]))) % ORDER
  const s = (r + h * a) % ORDER
  const residue = torsion(nonceTorsion).add(torsion(keyTorsion).multiplyUnsafe(h))
  return {
    publicKey,
    message,
    signature: Uint8Array.from([...encodedR, ...numberToBytesLE(s, 32)]),
    cofactorless: residue.equals(Point.ZERO)
  }
}

/** The same signature with S + L for S: the same scalar, another encoding. */
export function withLargerS(signature: Uint8Array): Uint8Array {
  const s = bytesToNumberLE(signature.subarray(32)) + ORDER
  return Uint8Array.from([...signature.subarray(0, 32), ...numberToBytesLE(s, 32)])
}

function scalarOf(bytes: Uint8Array): bigint {
  return (bytesToNumberLE(sha512(bytes)) % (ORDER - 1n)) + 1n
}

function torsion(index: number): Point {
  return Point.fromBytes(smallOrderKeys[index] ?? new Uint8Array(0))
}

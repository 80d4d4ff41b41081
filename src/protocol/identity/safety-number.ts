import { sha512 } from '../../crypto/hash.js'
import { compareBytes } from '../compare-bytes.js'
import { label } from '../labels.js'
import { fingerprint, type PublicIdentity } from './identity.js'

const GROUPS = 12
const BYTES_PER_GROUP = 5
const DIGITS_PER_GROUP = 5

/**
 * Sixty digits in twelve groups, the same on both sides: the fingerprints of both, the smaller first, hashed with SHA-512;
 * each group is five bytes modulo 100,000. About 199 bits, so that no third party finds a pair with the same number.
 */
export function safetyNumber(one: PublicIdentity, other: PublicIdentity): string {
  const prints = [fingerprint(one), fingerprint(other)].sort(compareBytes)
  const digest = sha512(label('safety-number'), ...prints)
  const view = new DataView(digest.buffer, digest.byteOffset)
  const groups = Array.from({ length: GROUPS }, (_, index) => {
    const offset = index * BYTES_PER_GROUP
    const value = view.getUint8(offset) * 0x1_0000_0000 + view.getUint32(offset + 1)
    return String(value % 10 ** DIGITS_PER_GROUP).padStart(DIGITS_PER_GROUP, '0')
  })
  return groups.join(' ')
}

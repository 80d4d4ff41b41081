import type { RandomSource } from '../../src/crypto/random.js'
import { encodePrefix, expiryDay, LANE_TAGGED } from '../../src/protocol/envelope/envelope.js'
import { DAY_MS } from '../../src/protocol/limits.js'

/** A well-formed envelope of this length whose tag nobody expects: it is carried, and opened by none. */
export function envelopeForNobody(random: RandomSource, length = 512): Uint8Array {
  const envelope = random(length)
  envelope.set(encodePrefix(LANE_TAGGED, expiryDay(Date.now(), DAY_MS), random(16)))
  return envelope
}

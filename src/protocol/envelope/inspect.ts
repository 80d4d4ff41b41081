import { decodeParcel } from '../../codec/parcel.js'
import { reject, type Rejected } from '../rejection.js'
import { isPaid } from '../handshake/hello.js'
import { LANE_OPEN, outlineEnvelope, type EnvelopeOutline, type OutlineRejection } from './envelope.js'

export interface InspectedParcel {
  readonly kind: 'inspected'
  /** Envelopes that may travel on and be opened. */
  readonly envelopes: readonly EnvelopeOutline[]
}

/**
 * The structural check of a parcel: version, sizes, lanes, expiry; no key is needed and nothing is opened, so that gossip can wait
 * for it. One malformed envelope condemns the parcel, because an honest node sends none. An expired one may be a matter of clocks:
 * it is left out, and a parcel with nothing else in it is `stale`.
 */
export function inspectParcel(
  bytes: Uint8Array,
  now: number
): InspectedParcel | Rejected<'malformed' | 'stale'> {
  const parts = decodeParcel(bytes)
  if (parts === undefined) return reject('malformed')
  const envelopes: EnvelopeOutline[] = []
  for (const part of parts) {
    const outlined = outlineEnvelope(part, now)
    if (outlined.kind === 'rejected') {
      if (isMalformed(outlined.reason)) return reject('malformed')
      continue
    }
    // Two hashes tell: nobody forwards, or tries to open, what was not paid for.
    if (outlined.outline.lane === LANE_OPEN && !isPaid(part)) return reject('malformed')
    envelopes.push(outlined.outline)
  }
  return envelopes.length === 0 ? reject('stale') : { kind: 'inspected', envelopes }
}

function isMalformed(reason: OutlineRejection['reason']): boolean {
  switch (reason) {
    case 'wrong-size':
    case 'unknown-lane':
      return true
    // A newer version is not an attack; neither is a wrong clock.
    case 'unknown-version':
    case 'expired':
    case 'lives-too-long':
      return false
  }
}

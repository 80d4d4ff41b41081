import { sha256 } from '../../crypto/hash.js'
import { compareBytes } from '../compare-bytes.js'
import { MAX_GENERATION } from '../limits.js'
import type { Session } from '../ratchet/session.js'

/**
 * The session to send with: of those between the newest incarnations of both, the highest generation, then the smallest
 * SHA-256 of the id. Both ends choose the same once each has seen both hellos, however often both began at once.
 */
export function chooseSession(
  sessions: readonly Session[],
  ownIncarnation: Uint8Array,
  theirIncarnation: Uint8Array
): Session | undefined {
  const candidates = sessions.filter(
    (session) =>
      compareBytes(session.ownIncarnation, ownIncarnation) === 0 &&
      compareBytes(session.theirIncarnation, theirIncarnation) === 0
  )
  return candidates.reduce<Session | undefined>(
    (best, session) => (isBefore(session, best) ? session : best),
    undefined
  )
}

function isBefore(session: Session, best: Session | undefined): boolean {
  if (best === undefined) return true
  if (session.generation !== best.generation) return session.generation > best.generation
  return compareBytes(sha256(session.id), sha256(best.id)) < 0
}

/** The generation of a new session: above all that were seen with this contact. */
export function nextGeneration(sessions: readonly Pick<Session, 'generation'>[]): number {
  const highest = sessions.reduce((found, { generation }) => Math.max(found, generation), 0)
  return Math.min(highest + 1, MAX_GENERATION)
}

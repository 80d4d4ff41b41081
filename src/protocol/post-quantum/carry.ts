import type { RandomSource } from '../../crypto/random.js'
import { DIRECT_FRAME_BYTES } from '../envelope/direct.js'
import { envelopeSize } from '../envelope/envelope.js'
import { appendPiece, PIECE_FIELD_BYTES } from '../message/payload.js'
import type { Session } from '../ratchet/session.js'
import { receivePiece, sendPiece, type PieceReceived } from './pq-ratchet.js'

/** Bytes of padding that a direct envelope around this content has besides its mark. */
function spareBytes(length: number): number {
  const least = DIRECT_FRAME_BYTES + length + 1
  return (envelopeSize(least) ?? least) - least
}

/**
 * Let a piece of the post-quantum ratchet ride where a payload leaves padding: the envelope has the size it has anyway. A session without that
 * ratchet, and a payload without room, stay as they are.
 */
export function carryPiece(
  session: Session,
  payload: Uint8Array,
  now: number,
  random: RandomSource
): { readonly session: Session; readonly payload: Uint8Array } {
  if (session.pq === undefined) return { session, payload }
  const room = spareBytes(payload.length) - PIECE_FIELD_BYTES
  const { state, piece } = sendPiece(session.pq, room, now, random)
  if (piece === undefined) return { session, payload }
  return { session: { ...session, pq: state }, payload: appendPiece(payload, piece) }
}

/** Take in what a decrypted message says of the post-quantum ratchet. A piece for a session without one is ignored. */
export function takePiece(
  session: Session,
  piece: Uint8Array | undefined,
  now: number,
  random: RandomSource
): {
  readonly session: Session
  readonly refused?: Extract<PieceReceived, { kind: 'rejected' }>['reason']
} {
  if (session.pq === undefined || piece === undefined) return { session }
  const received = receivePiece(session.pq, piece, now, random)
  return {
    session: { ...session, pq: received.state },
    ...(received.kind === 'rejected' ? { refused: received.reason } : {})
  }
}

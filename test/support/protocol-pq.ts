import type { RandomSource } from '../../src/crypto/random.js'
import { sealDirect } from '../../src/protocol/envelope/direct.js'
import { decodePayload, encodeBody, encodePayload } from '../../src/protocol/message/payload.js'
import { carryPiece, takePiece } from '../../src/protocol/post-quantum/carry.js'
import type { PqRatchet } from '../../src/protocol/post-quantum/pq-ratchet.js'
import type { Session } from '../../src/protocol/ratchet/session.js'
import { receive, type Endpoint, type Receipt, type TagLookup } from './protocol-endpoint.js'
import { HELLO_DAY } from './protocol-hello.js'
import { expectKind, must, NOW } from './protocol-values.js'

/** The post-quantum ratchet of a session that has one. */
export function pqOf({ session }: { readonly session: Session }): PqRatchet {
  return must(session.pq)
}

/** The newest epoch a side may send with, 0 before the first. */
export function epochOf(endpoint: { readonly session: Session }): number {
  return pqOf(endpoint).agreed?.epoch ?? 0
}

/** A payload with this text, as a messenger sends it. */
export function payloadOf(text: string): Uint8Array {
  const body = { stream: new Uint8Array(8), number: 1, clock: 1, parents: [], sentAt: NOW, text }
  return encodePayload([encodeBody(body)], [])
}

/** Send a text, with a piece of the post-quantum ratchet where there is room. */
export function say(
  endpoint: Endpoint,
  text: string,
  now: number,
  random: RandomSource
): { readonly endpoint: Endpoint; readonly envelope: Uint8Array } {
  const { session, payload } = carryPiece(endpoint.session, payloadOf(text), now, random)
  const sealed = expectKind(sealDirect(session, payload, HELLO_DAY, random), 'sealed')
  return { endpoint: { ...endpoint, session: sealed.session }, envelope: sealed.envelope }
}

export type Heard =
  | { readonly kind: 'heard'; readonly endpoint: Endpoint; readonly text: string; readonly refused?: string }
  | Exclude<Receipt, { readonly kind: 'delivered' }>

/** Receive what was said, and take in the piece that came with it. */
export function hear(
  endpoint: Endpoint,
  envelope: Uint8Array,
  now: number,
  random: RandomSource,
  tags: TagLookup
): Heard {
  const receipt = receive(endpoint, envelope, tags)
  if (receipt.kind !== 'delivered') return receipt
  const { payload } = expectKind(decodePayload(receipt.content), 'decoded')
  const { session, refused } = takePiece(receipt.endpoint.session, payload.piece, now, random)
  return {
    kind: 'heard',
    endpoint: { ...receipt.endpoint, session },
    text: must(payload.bodies[0]?.text),
    ...(refused === undefined ? {} : { refused })
  }
}

import { Writer } from '../../../src/codec/writer.js'
import { PQ_EPOCH_INTERVAL } from '../../../src/protocol/limits.js'
import { encodePiece, MIN_PIECE_BYTES } from '../../../src/protocol/post-quantum/pieces.js'
import {
  ANSWER_BYTES,
  beginPqRatchet,
  OFFER_BYTES,
  receivePiece,
  sendPiece,
  type PqRatchet
} from '../../../src/protocol/post-quantum/pq-ratchet.js'
import { writePqRatchet } from '../../../src/storage/records/pq-ratchet-record.js'
import { must, NOW, seeded } from '../../support/protocol-values.js'
import { DECODER_ALLOCATION, promise, promiseSame, type FuzzTarget } from '../target.js'

const LATER = NOW + PQ_EPOCH_INTERVAL
const ALL = 4 + OFFER_BYTES
const random = seeded(0xfeed)
const [secretKey, sessionId] = [random(32), random(32)]
const alice = beginPqRatchet('initiator', secretKey, sessionId, NOW)
const bob = beginPqRatchet('recipient', secretKey, sessionId, NOW)
const offered = sendPiece(alice, ALL, LATER, random)
const answering = receivePiece(bob, must(offered.piece), LATER, random).state
const answered = sendPiece(answering, ALL, LATER, random)
const states = [bob, offered.state, answering]

function bytesOf(state: PqRatchet): Uint8Array {
  const writer = new Writer()
  writePqRatchet(writer, state)
  return writer.finish().slice()
}

const before = states.map(bytesOf)
/** A seed, an offer and an answer with their marks, and keys. */
const LARGEST = OFFER_BYTES + ANSWER_BYTES + 500

/** A piece of the post-quantum ratchet in a message of a hostile contact, at each side and stage. */
export const pqPieceTarget: FuzzTarget = {
  name: 'pq-piece',
  weight: 8,
  samples: [
    must(offered.piece),
    must(answered.piece),
    must(sendPiece(alice, MIN_PIECE_BYTES, LATER, random).piece),
    encodePiece({ epoch: 1, part: 'answer', first: 34, bytes: new Uint8Array(64) })
  ].map((piece) => piece.slice()),
  maxLength: 2_000,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const outcomes = states.map((state, index) => {
      const received = receivePiece(state, input, LATER, random)
      promiseSame(bytesOf(state), must(before[index]), 'a step leaves the state it was given')
      promise(bytesOf(received.state).length <= LARGEST, 'a state has its bound')
      return received.kind === 'rejected' ? received.reason : received.kind
    })
    return outcomes.join('; ')
  }
}

import assert from 'node:assert/strict'
import { encapsulate, KEM_PUBLIC_KEY_BYTES } from '../../../src/crypto/kem.js'
import { MAX_PQ_EPOCH, PQ_EPOCH_INTERVAL, PQ_EPOCH_MESSAGES } from '../../../src/protocol/limits.js'
import { answerMac, epochStep, offerMac } from '../../../src/protocol/post-quantum/epoch.js'
import { decodePiece, encodePiece, MIN_PIECE_BYTES } from '../../../src/protocol/post-quantum/pieces.js'
import {
  ANSWER_BYTES,
  beginPqRatchet,
  confirmEpoch,
  countMessage,
  epochKeyOf,
  OFFER_BYTES,
  receivePiece,
  sendPiece,
  type PieceReceived,
  type PqRatchet
} from '../../../src/protocol/post-quantum/pq-ratchet.js'
import {
  deepFrozen,
  expectKind,
  flipped,
  joined,
  must,
  NOW,
  scripted,
  seeded
} from '../../support/protocol-values.js'

const ALL = 1_300
const LATER = NOW + PQ_EPOCH_INTERVAL
const random = seeded(1)
const [secretKey, sessionId] = [random(32), random(32)]

function sides(): { readonly alice: PqRatchet; readonly bob: PqRatchet } {
  return {
    alice: deepFrozen(beginPqRatchet('initiator', secretKey, sessionId, NOW)),
    bob: deepFrozen(beginPqRatchet('recipient', secretKey, sessionId, NOW))
  }
}

function sent(state: PqRatchet, now = LATER): { readonly state: PqRatchet; readonly piece: Uint8Array } {
  const { state: next, piece } = sendPiece(state, ALL, now, random)
  return { state: deepFrozen(next), piece: must(piece) }
}

function taken(state: PqRatchet, piece: Uint8Array, now = LATER): PqRatchet {
  return deepFrozen(expectKind(receivePiece(state, piece, now, random), 'taken').state)
}

/** One whole epoch, offered by `one`. */
function epoch(
  one: PqRatchet,
  other: PqRatchet,
  now: number
): { readonly one: PqRatchet; readonly other: PqRatchet } {
  const offer = sent(one, now)
  const answered = sent(taken(other, offer.piece, now), now)
  const agreed = taken(offer.state, answered.piece, now)
  return { one: agreed, other: confirmEpoch(answered.state, must(agreed.agreed).epoch) }
}

function refused(step: PieceReceived, reason: string): PqRatchet {
  const rejected = expectKind(step, 'rejected')
  assert.equal(rejected.reason, reason)
  return rejected.state
}

describe('protocol/post-quantum/pq-ratchet', () => {
  it('gives both sides the same key for an epoch, and takes turns in offering', () => {
    let { alice, bob } = sides()
    const keys = new Set<string>()
    for (let number = 1; number <= 9; number += 1) {
      const now = NOW + number * PQ_EPOCH_INTERVAL
      const isAlices = number % 2 === 1
      assert.equal(sendPiece(isAlices ? bob : alice, ALL, now, random).piece, undefined, 'not its turn')
      const done = isAlices ? epoch(alice, bob, now) : epoch(bob, alice, now)
      ;[alice, bob] = isAlices ? [done.one, done.other] : [done.other, done.one]
      assert.deepEqual(alice.agreed, bob.agreed)
      assert.deepEqual(alice.authenticator, bob.authenticator)
      assert.deepEqual([alice.exchange, bob.exchange], [undefined, undefined])
      assert.equal(alice.agreed?.epoch, number)
      keys.add(Buffer.from(must(alice.agreed).key).toString('hex'))
    }
    assert.equal(keys.size, 9)
  })

  it('offers after so many messages or so much time, also when the clock was put back, and not before', () => {
    const { alice } = sides()
    let state = alice
    for (let n = 1; n < PQ_EPOCH_MESSAGES; n += 1) state = countMessage(state)
    assert.equal(sendPiece(state, ALL, NOW, random).piece, undefined)
    assert.ok(sendPiece(countMessage(state), ALL, NOW, random).piece !== undefined)
    assert.equal(sendPiece(alice, ALL, LATER - 1, random).piece, undefined)
    assert.ok(sendPiece(alice, ALL, LATER, random).piece !== undefined)
    assert.ok(sendPiece(alice, ALL, 0, random).piece !== undefined)
  })

  it('makes no key while there is no room for a piece of it', () => {
    const { alice } = sides()
    // A random source with nothing in it.
    assert.deepEqual(sendPiece(alice, MIN_PIECE_BYTES - 1, LATER, scripted()), { state: alice })
    assert.ok(sendPiece(alice, MIN_PIECE_BYTES, LATER, random).piece !== undefined)
  })

  it('counts from the moment at which a secret was made', () => {
    const { alice, bob } = sides()
    const done = epoch(countMessage(alice), countMessage(bob), LATER)
    assert.deepEqual([done.one.messages, done.one.since], [0, LATER])
    assert.deepEqual([done.other.messages, done.other.since], [0, LATER])
  })

  it('answers again and again until the other side uses the epoch, and offers until it hears of an answer', () => {
    const { alice, bob } = sides()
    const offer = sent(sent(alice).state)
    const answer = sent(sent(taken(bob, offer.piece)).state)
    assert.equal(answer.state.agreed, undefined, 'whether it arrived is not known')
    assert.ok(epochKeyOf(answer.state, 1) !== undefined, 'but it may be used by the other')
    assert.deepEqual([epochKeyOf(answer.state, 2), epochKeyOf(offer.state, 1)], [undefined, undefined])
    const half = sendPiece(answer.state, 200, LATER, random)
    const waiting = taken(offer.state, must(half.piece))
    assert.equal(sendPiece(waiting, ALL, LATER, random).piece, undefined, 'the other has it all')
    const agreed = taken(waiting, answer.piece)
    assert.deepEqual(epochKeyOf(agreed, 1), epochKeyOf(answer.state, 1))
    assert.equal(confirmEpoch(answer.state, 0), answer.state)
    assert.equal(confirmEpoch(answer.state, 2), answer.state)
    assert.deepEqual(confirmEpoch(answer.state, 1).agreed, agreed.agreed)
  })

  it('ignores what is late, repeated, from its own side or of another epoch', () => {
    const { alice, bob } = sides()
    const offer = sent(alice)
    const answer = sent(taken(bob, offer.piece))
    const agreed = taken(offer.state, answer.piece)
    const piece = (number: number, part: 'offer' | 'answer'): Uint8Array =>
      encodePiece({ epoch: number, part, first: 0, bytes: new Uint8Array(32) })
    for (const [state, bytes] of [
      [answer.state, offer.piece],
      [agreed, answer.piece],
      [alice, piece(1, 'offer')],
      [alice, piece(1, 'answer')],
      [alice, piece(2, 'offer')],
      [bob, piece(1, 'answer')],
      [bob, piece(3, 'offer')]
    ] as const) {
      assert.deepEqual(receivePiece(state, bytes, LATER, random), { kind: 'ignored', state })
    }
  })

  it('ignores a part of an offer or an answer that it has', () => {
    const { alice, bob } = sides()
    const offered = must(sendPiece(alice, 200, LATER, random).piece)
    const gathering = taken(bob, offered)
    assert.deepEqual(receivePiece(gathering, offered, LATER, random), { kind: 'ignored', state: gathering })
    const offer = sent(alice)
    const answered = must(sendPiece(taken(bob, offer.piece), 200, LATER, random).piece)
    const waiting = taken(offer.state, answered)
    assert.deepEqual(receivePiece(waiting, answered, LATER, random), { kind: 'ignored', state: waiting })
  })

  it('refuses a malformed piece, and one that lies outside, and stays as it was', () => {
    const { alice, bob } = sides()
    const outside = encodePiece({ epoch: 1, part: 'offer', first: 200, bytes: new Uint8Array(32) })
    for (const bytes of [new Uint8Array(0), new Uint8Array(7), outside])
      assert.equal(refused(receivePiece(bob, bytes, LATER, random), 'malformed-piece'), bob)
    const { state } = sent(alice)
    const beyond = encodePiece({ epoch: 1, part: 'answer', first: 35, bytes: new Uint8Array(32) })
    assert.equal(refused(receivePiece(state, beyond, LATER, random), 'malformed-piece'), state)
  })

  it('refuses an offer of which any byte was changed, and takes the true one afterwards', () => {
    const { alice, bob } = sides()
    const offer = sent(alice)
    for (let at = 4; at < 4 + OFFER_BYTES; at += 97) {
      const after = refused(receivePiece(bob, flipped(offer.piece, at), LATER, random), 'bad-offer')
      assert.deepEqual(after, bob)
    }
    taken(bob, offer.piece)
  })

  it('refuses an answer of which any byte was changed, and takes the true one afterwards', () => {
    const { alice, bob } = sides()
    const offer = sent(alice)
    const { piece } = sent(taken(bob, offer.piece))
    for (let at = 4; at < 4 + ANSWER_BYTES; at += 97) {
      const after = refused(receivePiece(offer.state, flipped(piece, at), LATER, random), 'bad-answer')
      assert.deepEqual(after, offer.state)
    }
    taken(offer.state, piece)
  })

  it('refuses an authentic key that fails the modulus check', () => {
    const { bob } = sides()
    const publicKey = new Uint8Array(KEM_PUBLIC_KEY_BYTES).fill(0xff)
    const bytes = new Uint8Array(OFFER_BYTES)
    bytes.set(publicKey)
    bytes.set(offerMac(bob.authenticator, 1, publicKey), publicKey.length)
    const piece = encodePiece({ epoch: 1, part: 'offer', first: 0, bytes })
    assert.deepEqual(refused(receivePiece(bob, piece, LATER, random), 'bad-offer'), bob)
  })

  it('does not take the offer or the answer of who knows everything but the authenticator', () => {
    const { alice, bob } = sides()
    const mallory = beginPqRatchet('initiator', random(32), sessionId, NOW)
    refused(receivePiece(bob, sent(mallory).piece, LATER, random), 'bad-offer')
    // She has the true offer, and encapsulates to it herself.
    const offer = sent(alice)
    const publicKey = must(decodePiece(offer.piece)).bytes.slice(0, KEM_PUBLIC_KEY_BYTES)
    const kem = must(encapsulate(publicKey, random))
    const step = epochStep(mallory.authenticator, { epoch: 1, publicKey, ...kem })
    const answer = joined(kem.ciphertext, answerMac(step.authenticator, 1, kem.ciphertext))
    const forged = encodePiece({ epoch: 1, part: 'answer', first: 0, bytes: answer })
    refused(receivePiece(offer.state, forged, LATER, random), 'bad-answer')
  })

  it('does not take an offer of an authenticator from before the last epoch', () => {
    const { alice, bob } = sides()
    const thief = bob
    const done = epoch(alice, bob, LATER)
    const stale = { ...thief, agreed: must(done.other.agreed) }
    const forged = sent(stale, LATER + PQ_EPOCH_INTERVAL)
    refused(receivePiece(done.one, forged.piece, LATER, random), 'bad-offer')
  })

  it('ends with the last number its header can name, and keeps that key', () => {
    const { alice } = sides()
    const key = { epoch: MAX_PQ_EPOCH, key: new Uint8Array(32) }
    for (const role of ['initiator', 'recipient'] as const)
      assert.equal(sendPiece({ ...alice, role, agreed: key }, ALL, LATER, random).piece, undefined)
    const before = { ...alice, agreed: { ...key, epoch: MAX_PQ_EPOCH - 1 } }
    assert.ok(sendPiece(before, ALL, LATER, random).piece !== undefined)
  })
})

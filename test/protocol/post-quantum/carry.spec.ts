import assert from 'node:assert/strict'
import { sealDirect } from '../../../src/protocol/envelope/direct.js'
import { PQ_EPOCH_INTERVAL } from '../../../src/protocol/limits.js'
import { decodePayload } from '../../../src/protocol/message/payload.js'
import { carryPiece, takePiece } from '../../../src/protocol/post-quantum/carry.js'
import { encodePiece } from '../../../src/protocol/post-quantum/pieces.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { endpointOf, TagLookup } from '../../support/protocol-endpoint.js'
import { HELLO_DAY } from '../../support/protocol-hello.js'
import { establish } from '../../support/protocol-parties.js'
import { hear, payloadOf, say } from '../../support/protocol-pq.js'
import { deepFrozen, expectKind, NOW, seeded } from '../../support/protocol-values.js'

const LATER = NOW + PQ_EPOCH_INTERVAL
const { alice, bob } = deepFrozen(establish(1))

function withoutPq({ pq: _none, ...session }: Session): Session {
  return session
}

describe('protocol/post-quantum/carry', () => {
  it('gives every envelope the size it has without, at every length of its content', () => {
    // The offer is made once: what is asked here is where it fits.
    const { session } = carryPiece(alice, payloadOf('x'), LATER, seeded(2))
    let carried = 0
    for (const length of [...Array(1_100).keys(), 1_900, 4_000, 8_100, 20_000, 30_600]) {
      const payload = payloadOf('x'.repeat(length))
      const offered = carryPiece(session, payload, LATER, seeded(2))
      const sizes = [payload, offered.payload].map(
        (content) => expectKind(sealDirect(alice, content, HELLO_DAY, seeded(3)), 'sealed').envelope.length
      )
      assert.equal(sizes[1], sizes[0], `${String(length)} characters`)
      if (offered.payload !== payload) carried += 1
    }
    assert.ok(carried > 1_000)
  })

  it('is a field of the payload that leaves the others as they are', () => {
    const payload = payloadOf('Moin')
    const { payload: with_, session } = carryPiece(alice, payload, LATER, seeded(2))
    const { payload: decoded } = expectKind(decodePayload(with_), 'decoded')
    assert.equal(decoded.bodies[0]?.text, 'Moin')
    const heard = takePiece(bob, decoded.piece, LATER, seeded(2))
    assert.equal(heard.session.pq?.exchange?.kind, 'gathering')
    assert.equal(session.pq?.exchange?.kind, 'offering')
    assert.equal(expectKind(decodePayload(payload), 'decoded').payload.piece, undefined)
  })

  it('leaves a session as it is when there is nothing to say', () => {
    const payload = payloadOf('x')
    const carried = carryPiece(alice, payload, NOW, seeded(2))
    assert.ok(carried.session === alice && carried.payload === payload)
    assert.equal(takePiece(bob, undefined, NOW, seeded(2)).session, bob)
  })

  it('is counted for: every message, as it is sent and as it comes, also late', () => {
    const tags = new TagLookup()
    const one = say(endpointOf(alice), 'one', NOW, seeded(2))
    const next = say(one.endpoint, 'two', NOW, seeded(3))
    assert.equal(next.endpoint.session.pq?.messages, 2)
    const ahead = expectKind(hear(endpointOf(bob), next.envelope, NOW, seeded(4), tags), 'heard')
    assert.equal(ahead.endpoint.session.pq?.messages, 1)
    const late = expectKind(hear(ahead.endpoint, one.envelope, NOW, seeded(5), tags), 'heard')
    assert.equal(late.endpoint.session.pq?.messages, 2)
  })

  it('does nothing in a session without the ratchet, whatever comes', () => {
    const [one, other] = [withoutPq(alice), withoutPq(bob)]
    const payload = payloadOf('x')
    assert.deepEqual(carryPiece(one, payload, LATER, seeded(2)), { session: one, payload })
    const piece = encodePiece({ epoch: 1, part: 'offer', first: 0, bytes: new Uint8Array(32) })
    assert.deepEqual(takePiece(other, piece, LATER, seeded(2)), { session: other })
  })

  it('tells why a piece was refused, and keeps the session', () => {
    const { session, refused } = takePiece(bob, new Uint8Array(3), LATER, seeded(2))
    assert.equal(refused, 'malformed-piece')
    assert.deepEqual(session, bob)
  })
})

import assert from 'node:assert/strict'
import type { HeaderKeys } from '../../../src/protocol/ratchet/kdf.js'
import { afterMessage, type Session } from '../../../src/protocol/ratchet/session.js'
import { seeded } from '../../support/protocol-values.js'

const random = seeded(1)
const key = (): Uint8Array => random(32)
const headerKeys = (): HeaderKeys => ({ header: key(), tag: key() })
const chain = { chainKey: key(), headerKeys: headerKeys(), next: 3, pq: { epoch: 1, key: key() } }
const pq = {
  role: 'initiator',
  authenticator: { chainKey: key(), macKey: key() },
  agreed: { epoch: 1, key: key() },
  messages: 7,
  since: 1_000,
  exchange: { kind: 'gathering', offer: { bytes: key(), present: key() } }
} as const

/** With everything that a session may have: a field that is new has to be named here, and is then missed where it is not copied. */
const whole: Required<Session> = {
  id: key(),
  associatedData: key(),
  generation: 2,
  createdAt: 1_000,
  ownIncarnation: random(16),
  theirIncarnation: random(16),
  rootKey: key(),
  ownRatchetKey: { publicKey: key(), secretKey: key() },
  theirRatchetKey: key(),
  sending: chain,
  previousCount: 4,
  nextSendingHeaderKeys: headerKeys(),
  receiving: { ...chain, window: 64 },
  nextReceivingHeaderKeys: headerKeys(),
  skippedCount: 5,
  opening: {
    ephemeralKey: key(),
    kemCiphertext: key(),
    kemPrekeyId: key(),
    epoch: 9,
    signedPrekey: key(),
    bundleHash: key(),
    oneTime: true,
    count: 1,
    firstCount: 0
  },
  stale: true,
  pq
}

describe('a session after a message', () => {
  it('has all that it had, and one more message', () => {
    const before = structuredClone(whole)
    assert.deepEqual(afterMessage(whole), { ...before, pq: { ...pq, messages: 8 } })
    assert.deepEqual(whole, before)
  })

  it('has nothing that it did not have', () => {
    const { theirRatchetKey: _key, sending: _sending, receiving: _receiving, ...others } = whole
    const { opening: _opening, pq: _pq, ...least } = others
    assert.deepEqual(afterMessage(least), least)
  })

  it('leaves out what the post-quantum ratchet does not have', () => {
    const { agreed: _agreed, exchange: _exchange, ...least } = pq
    assert.deepEqual(afterMessage({ ...whole, pq: least }).pq, { ...least, messages: 8 })
  })
})

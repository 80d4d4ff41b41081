import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { parseIdentityId } from '../../../src/codec/ids.js'
import {
  fingerprint,
  generateIdentity,
  identityId,
  INCARNATION_BYTES,
  publicIdentity
} from '../../../src/protocol/identity/identity.js'
import { seeded } from '../../support/protocol-values.js'

describe('protocol/identity/identity', () => {
  const own = generateIdentity(seeded(1))

  it('generates independent keys and an incarnation from chance alone', () => {
    assert.deepEqual(generateIdentity(seeded(1)), own)
    assert.notDeepEqual(own.signing.secretKey, own.dh.secretKey)
    assert.equal(own.incarnation.length, INCARNATION_BYTES)
    assert.deepEqual(publicIdentity(own), { signingKey: own.signing.publicKey, dhKey: own.dh.publicKey })
  })

  it('names an identity by its signing key, so that a change of the other key is noticed and not a new contact', () => {
    const id = identityId(own.signing.publicKey)
    assert.equal(parseIdentityId(id), id)
    assert.notEqual(identityId(generateIdentity(seeded(2)).signing.publicKey), id)
  })

  it('has a fingerprint over both keys, each after its kind', () => {
    const digest = createHash('sha256')
      .update('hallig/1/fingerprint')
      .update(Uint8Array.of(1))
      .update(own.signing.publicKey)
      .update(Uint8Array.of(2))
      .update(own.dh.publicKey)
      .digest()
    assert.deepEqual(fingerprint(publicIdentity(own)), Uint8Array.from(digest))
    const swapped = { signingKey: own.dh.publicKey, dhKey: own.signing.publicKey }
    assert.notDeepEqual(fingerprint(swapped), fingerprint(publicIdentity(own)))
  })
})

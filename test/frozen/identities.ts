import assert from 'node:assert/strict'
import { Reader } from '../../src/codec/reader.js'
import { dhPublicKey } from '../../src/crypto/dh.js'
import { signingPublicKey } from '../../src/crypto/signature.js'
import { encodeCertificate, readCertificate } from '../../src/protocol/identity/certificate.js'
import {
  fingerprint,
  generateIdentity,
  identityId,
  publicIdentity,
  type OwnIdentity
} from '../../src/protocol/identity/identity.js'
import { safetyNumber } from '../../src/protocol/identity/safety-number.js'
import { directConversationId } from '../../src/protocol/message/conversation-id.js'
import { must, seeded } from '../support/protocol-values.js'
import type { Vector } from '../support/vectors.js'
import { toHex, type FrozenCase, type FrozenFile } from './frozen-file.js'

/** The secret half of an identity as fields of a case. */
export function identityFields(own: OwnIdentity): Record<string, string> {
  return {
    signingSecret: toHex(own.signing.secretKey),
    dhSecret: toHex(own.dh.secretKey),
    incarnation: toHex(own.incarnation)
  }
}

export function identityIn(vector: Vector): OwnIdentity {
  const [signing, dh] = [vector.bytes('signingSecret'), vector.bytes('dhSecret')]
  return {
    signing: { publicKey: signingPublicKey(signing), secretKey: signing },
    dh: { publicKey: dhPublicKey(dh), secretKey: dh },
    incarnation: vector.bytes('incarnation')
  }
}

function derived(own: OwnIdentity, other: OwnIdentity): Record<string, string> {
  return {
    id: identityId(own.signing.publicKey),
    fingerprint: toHex(fingerprint(publicIdentity(own))),
    safetyNumber: safetyNumber(publicIdentity(own), publicIdentity(other)),
    conversationId: directConversationId(own.signing.publicKey, other.signing.publicKey)
  }
}

/** Who the others are compared with. */
const first = generateIdentity(seeded(0x1d))

function identityCase(seed: number, seq: number): FrozenCase {
  const own = generateIdentity(seeded(seed))
  return {
    name: `identity ${String(seed - 0x1d)}, certificate ${String(seq)}`,
    ...identityFields(own),
    signingPublic: toHex(own.signing.publicKey),
    dhPublic: toHex(own.dh.publicKey),
    seq,
    certificate: toHex(encodeCertificate(own, seq)),
    otherSigningPublic: toHex(first.signing.publicKey),
    otherDhPublic: toHex(first.dh.publicKey),
    ...derived(own, first)
  }
}

/** Keys, ids, fingerprints, safety numbers and certificates. */
export const identities: FrozenFile = {
  name: 'identity',
  generate: () =>
    [0, 1, 1_750_075_200, Number.MAX_SAFE_INTEGER].map((seq, index) => identityCase(0x1e + index, seq)),
  consume(vector) {
    const own = identityIn(vector)
    const reader = new Reader(vector.bytes('certificate'))
    const certificate = must(readCertificate(reader))
    assert.ok(reader.finished())
    assert.equal(certificate.seq, vector.number('seq'))
    assert.deepEqual(certificate.signingKey, vector.bytes('signingPublic'))
    assert.deepEqual(certificate.dhKey, vector.bytes('dhPublic'))
    assert.deepEqual(certificate.incarnation, own.incarnation)
    assert.deepEqual(publicIdentity(own), { signingKey: certificate.signingKey, dhKey: certificate.dhKey })
    const other = { signingKey: vector.bytes('otherSigningPublic'), dhKey: vector.bytes('otherDhPublic') }
    assert.equal(safetyNumber(other, publicIdentity(own)), vector.text('safetyNumber'))
    assert.equal(
      directConversationId(other.signingKey, certificate.signingKey),
      vector.text('conversationId')
    )
    assert.equal(identityId(certificate.signingKey), vector.text('id'))
    assert.equal(toHex(fingerprint(certificate)), vector.text('fingerprint'))
  }
}

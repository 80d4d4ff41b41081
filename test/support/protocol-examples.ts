import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { encodeParcel } from '../../src/codec/parcel.js'
import { dhPublicKey, diffieHellman, type DhKeyPair } from '../../src/crypto/dh.js'
import { hkdf } from '../../src/crypto/kdf.js'
import { decapsulate, kemPublicKey } from '../../src/crypto/kem.js'
import { signingPublicKey } from '../../src/crypto/signature.js'
import { encodeBeacon } from '../../src/network/libp2p/lan/beacon.js'
import { sealDirect } from '../../src/protocol/envelope/direct.js'
import { expiryDay } from '../../src/protocol/envelope/envelope.js'
import { helloChallenge, isPaid, payHello, sealHello } from '../../src/protocol/handshake/hello.js'
import { inviteMask, inviteTag } from '../../src/protocol/handshake/invite.js'
import { initiateSession } from '../../src/protocol/handshake/pqxdh.js'
import { sealInHello } from '../../src/protocol/handshake/say-hello.js'
import { encodeCard } from '../../src/protocol/identity/card.js'
import { encodeCardLink } from '../../src/protocol/identity/card-link.js'
import { encodeCertificate } from '../../src/protocol/identity/certificate.js'
import {
  fingerprint,
  identityId,
  publicIdentity,
  type OwnIdentity
} from '../../src/protocol/identity/identity.js'
import { safetyNumber } from '../../src/protocol/identity/safety-number.js'
import { DAY_MS, PQ_EPOCH_MESSAGES } from '../../src/protocol/limits.js'
import { directConversationId } from '../../src/protocol/message/conversation-id.js'
import { positionOf } from '../../src/protocol/message/order.js'
import { encodeBody, encodePayload, messageId } from '../../src/protocol/message/payload.js'
import { encodePiece } from '../../src/protocol/post-quantum/pieces.js'
import { beginPqRatchet, receivePiece, sendPiece } from '../../src/protocol/post-quantum/pq-ratchet.js'
import {
  decodeBundle,
  epochAt,
  issueBundle,
  OWN_CAPABILITIES,
  type Bundle
} from '../../src/protocol/prekeys/bundle.js'
import { sealBundleRecord } from '../../src/protocol/prekeys/bundle-record.js'
import { encodeBundleRequest } from '../../src/protocol/prekeys/bundle-request.js'
import { kemPrekeyId } from '../../src/protocol/prekeys/prekeys.js'
import { chainTags, headerKeys, messageKey, rootStep } from '../../src/protocol/ratchet/kdf.js'
import type { HelloOpening, Session } from '../../src/protocol/ratchet/session.js'
import { expectKind, joined, must, NOW, scripted } from './protocol-values.js'
import { utf8 } from './vectors.js'

/** The value a worked example gives under a name. */
export type Given = (name: string) => Uint8Array

/** What a worked example shows: bytes as hexadecimal digits, or text. */
export type Shown = Record<string, Uint8Array | string>

const NETWORK = 'main'
const TEXT = 'Moin'
const DAY = expiryDay(NOW, 7 * DAY_MS)
const SEQ = 1
const ZERO_SALT = new Uint8Array(32)

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    createHmac('sha256', key)
      .update(joined(...parts))
      .digest()
  )
}

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(bytes).digest())
}

function pairOf(secretKey: Uint8Array): DhKeyPair {
  return { publicKey: dhPublicKey(secretKey), secretKey: secretKey.slice() }
}

function identityOf(given: Given, name: string): OwnIdentity {
  const secretKey = given(`${name}.signing.secret`)
  return {
    signing: { publicKey: signingPublicKey(secretKey), secretKey },
    dh: pairOf(given(`${name}.dh.secret`)),
    incarnation: given(`${name}.incarnation`)
  }
}

export function identityExamples(given: Given): Shown {
  const [alice, bob] = [identityOf(given, 'alice'), identityOf(given, 'bob')]
  return {
    'alice.signing.public': alice.signing.publicKey,
    'alice.dh.public': alice.dh.publicKey,
    'alice.id': identityId(alice.signing.publicKey),
    'alice.fingerprint': fingerprint(publicIdentity(alice)),
    'bob.signing.public': bob.signing.publicKey,
    'bob.dh.public': bob.dh.publicKey,
    'bob.id': identityId(bob.signing.publicKey),
    'bob.fingerprint': fingerprint(publicIdentity(bob)),
    'safety-number': safetyNumber(publicIdentity(alice), publicIdentity(bob)),
    'conversation.id': directConversationId(alice.signing.publicKey, bob.signing.publicKey),
    'alice.certificate': encodeCertificate(alice, SEQ)
  }
}

function bundleOf(given: Given): Bundle {
  const epochs = [0, 1, 2, 3].map((index) => dhPublicKey(given(`bob.prekey${String(index)}.secret`)))
  const encoded = issueBundle(identityOf(given, 'bob'), {
    seq: SEQ,
    notBefore: NOW - DAY_MS,
    notAfter: NOW + 28 * DAY_MS,
    firstEpoch: epochAt(NOW),
    signedPrekeys: epochs,
    kemPrekey: kemPublicKey(given('bob.kem.secret')),
    capabilities: OWN_CAPABILITIES
  })
  return expectKind(decodeBundle(encoded), 'decoded').bundle
}

export function bundleExamples(given: Given): Shown {
  const bundle = bundleOf(given)
  const record = sealBundleRecord(
    bundle.signingKey,
    epochAt(NOW),
    bundle.encoded,
    scripted(given('record.nonce'))
  )
  return {
    'bob.prekey0.public': must(bundle.signedPrekeys[0]),
    'bob.kem.public.sha256': sha256(bundle.kemPrekey),
    'bob.kem.id': kemPrekeyId(bundle.kemPrekey),
    'bundle.length': String(bundle.encoded.length),
    'bundle.head': bundle.encoded.subarray(0, 112),
    'bundle.signature': bundle.encoded.subarray(-64),
    'bundle.hash': bundle.hash,
    'record.id': record.id,
    'record.body.sha256': sha256(record.body),
    request: encodeBundleRequest({ wanted: [record.id], offered: [] })
  }
}

export function cardExamples(given: Given): Shown {
  const card = encodeCard(identityOf(given, 'bob'), {
    notAfter: NOW + 30 * DAY_MS,
    name: 'Bob',
    addresses: ['/ip4/192.168.1.5/tcp/4001'],
    invite: { secret: given('invite.secret'), oneTimeKey: dhPublicKey(given('invite.key.secret')) }
  })
  return {
    'invite.key.public': dhPublicKey(given('invite.key.secret')),
    card,
    'card.link': encodeCardLink(card)
  }
}

function beginSession(given: Given): Session & { readonly opening: HelloOpening } {
  const bundle = bundleOf(given)
  const signedPrekey = must(bundle.signedPrekeys[0])
  const random = scripted(given('ephemeral.secret'), given('kem.randomness'), given('ratchet.secret'))
  const { session, exchange } = expectKind(
    initiateSession(
      {
        own: identityOf(given, 'alice'),
        bundle,
        signedPrekey,
        oneTimeKey: dhPublicKey(given('invite.key.secret')),
        generation: 1,
        now: NOW
      },
      random
    ),
    'initiated'
  )
  const opening = {
    ...exchange,
    kemPrekeyId: kemPrekeyId(bundle.kemPrekey),
    epoch: epochAt(NOW),
    signedPrekey,
    bundleHash: bundle.hash,
    invite: given('invite.secret'),
    oneTime: true,
    count: 0,
    firstCount: 0
  }
  return { ...session, opening }
}

/** Computed as the document tells it, from the recipient's secrets. */
function recipientSecrets(
  given: Given,
  session: ReturnType<typeof beginSession>
): { readonly agreements: Record<string, Uint8Array>; readonly secretKey: Uint8Array } {
  const { ephemeralKey, kemCiphertext } = session.opening
  const prekey = given('bob.prekey0.secret')
  const agreements = {
    dh1: must(diffieHellman(prekey, identityOf(given, 'alice').dh.publicKey)),
    dh2: must(diffieHellman(given('bob.dh.secret'), ephemeralKey)),
    dh3: must(diffieHellman(prekey, ephemeralKey)),
    dh4: must(diffieHellman(given('invite.key.secret'), ephemeralKey)),
    'kem.shared': must(decapsulate(kemCiphertext, given('bob.kem.secret')))
  }
  const input = joined(new Uint8Array(32).fill(0xff), ...Object.values(agreements))
  return { agreements, secretKey: hkdf(input, ZERO_SALT, utf8('hallig/1/pqxdh'), 32) }
}

/** What the recipient computes, compared with what the initiator has. */
export function handshakeExamples(given: Given): Shown {
  const session = beginSession(given)
  const { ephemeralKey, kemCiphertext } = session.opening
  const { agreements, secretKey } = recipientSecrets(given, session)
  const prekey = given('bob.prekey0.secret')
  const root = hkdf(secretKey, ZERO_SALT, utf8('hallig/1/dr/init'), 96).subarray(0, 32)
  const step = rootStep(root, must(diffieHellman(prekey, session.ownRatchetKey.publicKey)))
  assert.deepEqual(step.rootKey, session.rootKey)
  const first = must(session.sending)
  return {
    'ephemeral.public': ephemeralKey,
    'kem.ciphertext.sha256': sha256(kemCiphertext),
    ...agreements,
    sk: secretKey,
    'root.0': root,
    'session.id': session.id,
    'session.ad': session.associatedData,
    'ratchet.public': session.ownRatchetKey.publicKey,
    'root.1': step.rootKey,
    'chain.0': first.chainKey,
    'header-key.0': first.headerKeys.header,
    'tag-key.0': first.headerKeys.tag,
    'header-key.next-receiving': session.nextReceivingHeaderKeys.header,
    'tag-key.next-receiving': session.nextReceivingHeaderKeys.tag
  }
}

/** Epoch 1 of the session of the handshake: Alice offers, Bob answers; computed as the document tells it, and compared. */
export function pqEpochExamples(given: Given): Shown {
  const session = beginSession(given)
  const { secretKey } = recipientSecrets(given, session)
  const init = hkdf(secretKey, ZERO_SALT, joined(utf8('hallig/1/pq/init'), session.id), 64)
  const due = { ...must(session.pq), messages: PQ_EPOCH_MESSAGES }
  const first = sendPiece(due, 36, NOW, scripted(given('pq.kem.secret')))
  const offering = expectKind(must(first.state.exchange), 'offering')
  const publicKey = kemPublicKey(given('pq.kem.secret'))
  const offerMac = hmac(init.subarray(32), utf8('hallig/1/pq/offer'), Uint8Array.of(0, 1), publicKey)
  assert.deepEqual(offering.outgoing.whole, joined(publicKey, offerMac))
  const whole = encodePiece({ epoch: 1, part: 'offer', first: 0, bytes: offering.outgoing.whole })
  const bob = beginPqRatchet('recipient', secretKey, session.id, NOW)
  const answered = receivePiece(bob, whole, NOW, scripted(given('pq.kem.randomness')))
  const { outgoing, ...step } = expectKind(must(expectKind(answered, 'taken').state.exchange), 'answering')
  const ciphertext = outgoing.whole.slice(0, 1_088)
  const info = joined(utf8('hallig/1/pq/epoch'), Uint8Array.of(0, 1), publicKey, ciphertext)
  const shared = must(decapsulate(ciphertext, given('pq.kem.secret')))
  const epoch = hkdf(shared, init.subarray(0, 32), info, 96)
  const { chainKey, macKey } = step.authenticator
  assert.deepEqual(epoch, joined(chainKey, macKey, step.epochKey.key))
  const answerMac = hmac(macKey, utf8('hallig/1/pq/answer'), Uint8Array.of(0, 1), ciphertext)
  assert.deepEqual(outgoing.whole, joined(ciphertext, answerMac))
  return {
    'pq.chain.0': init.subarray(0, 32),
    'pq.mac.0': init.subarray(32),
    'pq.public.sha256': sha256(publicKey),
    'pq.offer.mac': offerMac,
    'pq.piece': must(first.piece),
    'pq.ciphertext.sha256': sha256(ciphertext),
    'pq.shared': shared,
    'pq.chain.1': chainKey,
    'pq.mac.1': macKey,
    'pq.key.1': step.epochKey.key,
    'pq.answer.mac': answerMac,
    'pq.message-key': messageKey(must(session.sending).chainKey, session.id, step.epochKey.key)
  }
}

export function tagExamples(given: Given): Shown {
  const keys = headerKeys(given('header-key'))
  const tags = chainTags(keys.tag, 0, 5)
  return {
    'header-key.header': keys.header,
    'header-key.tag': keys.tag,
    ...Object.fromEntries(tags.map((tag, number) => [`tag.${String(number)}`, tag]))
  }
}

export function envelopeExamples(given: Given): Shown {
  const session = beginSession(given)
  const [alice, bob] = [identityOf(given, 'alice'), identityOf(given, 'bob')]
  const stream = alice.incarnation.subarray(0, 8)
  const number = 7
  const payload = encodePayload(
    [encodeBody({ stream, number, clock: 1, parents: [], sentAt: NOW, text: TEXT })],
    []
  )
  const random = scripted(given('hello.nonce'), given('hello.ephemeral.secret'), given('hello.outer.nonce'))
  const said = sealInHello(session, encodeCertificate(alice, SEQ), payload, DAY, random)
  const hello = expectKind(said.hello, 'sealed').envelope
  const direct = expectKind(
    sealDirect(said.session, payload, DAY, scripted(given('direct.nonce'))),
    'sealed'
  ).envelope
  const conversation = directConversationId(alice.signing.publicKey, bob.signing.publicKey)
  const id = messageId(identityId(alice.signing.publicKey), conversation, stream, number)
  return {
    payload,
    'message.id': id,
    'message.position': positionOf(1, id),
    'invite.tag.0': inviteTag(given('invite.secret'), 0),
    'invite.mask.0': inviteMask(given('invite.secret'), 0, 36),
    'hello.length': String(hello.length),
    'hello.head': hello.subarray(0, 68),
    'hello.sha256': sha256(hello),
    'direct.length': String(direct.length),
    'direct.head': direct.subarray(0, 91),
    'direct.sha256': sha256(direct),
    'parcel.sha256': sha256(encodeParcel([direct], given('parcel.salt')))
  }
}

/** An open hello around arbitrary content; `prove` finds the proof of work for a challenge. */
export function openHelloExamples(given: Given, prove: (challenge: Uint8Array) => Uint8Array): Shown {
  const route = { epoch: epochAt(NOW), signedPrekey: dhPublicKey(given('bob.prekey0.secret')) }
  const random = scripted(given('open.ephemeral.secret'), given('open.nonce'))
  const { envelope, challenge } = expectKind(sealHello(given('open.content'), route, DAY, random), 'unpaid')
  const proof = prove(challenge)
  const paid = payHello(envelope, proof)
  if (!isPaid(paid)) throw new Error('The proof of work does not hold')
  return {
    'open.tag': paid.subarray(4, 20),
    'open.challenge': helloChallenge(paid),
    'open.proof': proof,
    'open.head': paid.subarray(0, 76),
    'open.sha256': sha256(paid)
  }
}

export function beaconExamples(given: Given): Shown {
  const networkTag = sha256(utf8(`hallig/lan/${NETWORK}`)).subarray(0, 8)
  return {
    'beacon.network-tag': networkTag,
    beacon: encodeBeacon({ networkTag, id: given('beacon.id'), tcp: 4001, ws: 4002 })
  }
}

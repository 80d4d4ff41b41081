import assert from 'node:assert/strict'
import { KEM_CIPHERTEXT_BYTES, KEM_PUBLIC_KEY_BYTES } from '../../../src/crypto/kem.js'
import {
  acceptSession,
  exchangeHash,
  initiateSession,
  type RecipientInput
} from '../../../src/protocol/handshake/pqxdh.js'
import { findSignedPrekeys } from '../../../src/protocol/prekeys/prekeys.js'
import type { Invite } from '../../../src/protocol/handshake/invite.js'
import { begin, createInvite, createPerson, type Begun, type Person } from '../../support/protocol-parties.js'
import { endpointOf, receive, sendText, TagLookup } from '../../support/protocol-endpoint.js'
import { assertRejected, flipped, LOW_ORDER_KEYS, must, NOW, seeded } from '../../support/protocol-values.js'

const [alice, bob, mallory] = [createPerson(1), createPerson(2), createPerson(3)]

function recipientInput(
  begun: Begun,
  options: { readonly by?: Person; readonly invite?: Invite } = {}
): RecipientInput {
  const { by = bob, invite } = options
  const oneTimeKey = invite?.oneTimeKey
  return {
    own: by.own,
    signedPrekey: must(findSignedPrekeys(by.prekeys, begun.session.opening.epoch)[0]),
    kemPrekey: must(by.prekeys.kemPrekeys.at(-1)),
    ...(oneTimeKey === undefined ? {} : { oneTimeKey }),
    initiator: { ...alice.bundle, seq: 1 },
    exchange: begun.exchange,
    bundleHash: by.bundle.hash,
    pqRatchet: true,
    generation: 1,
    now: NOW
  }
}

/** Whether the recipient understands the initiator's first message. */
function agrees(begun: Begun, input: RecipientInput): boolean {
  const session = acceptSession(input)
  if (session === undefined) return false
  const { envelope } = sendText(endpointOf(begun.session), 'hello', seeded(9))
  return receive(endpointOf(session), envelope, new TagLookup()).kind === 'delivered'
}

describe('protocol/handshake/pqxdh', () => {
  const invite = createInvite(seeded(10))

  it('gives both sides the same session, with and without a one-time key', () => {
    for (const begun of [begin(alice, bob), begin(alice, bob, { invite })]) {
      const input = recipientInput(begun, begun.session.opening.oneTime ? { invite } : {})
      const session = must(acceptSession(input))
      assert.deepEqual(session.id, begun.session.id)
      assert.deepEqual(session.associatedData, begun.session.associatedData)
      assert.deepEqual(session.nextReceivingHeaderKeys, begun.session.sending?.headerKeys)
      assert.deepEqual(session.nextSendingHeaderKeys, begun.session.nextReceivingHeaderKeys)
      assert.ok(agrees(begun, input))
    }
  })

  it('has the post-quantum ratchet where both announced it, from the same secret', () => {
    const begun = begin(alice, bob)
    const session = must(acceptSession(recipientInput(begun)))
    assert.deepEqual([must(begun.session.pq).role, must(session.pq).role], ['initiator', 'recipient'])
    assert.deepEqual(session.pq?.authenticator, begun.session.pq?.authenticator)
  })

  it('goes without it to whose bundle does not announce it', () => {
    const capabilities = Uint8Array.of(7)
    const begun = begin(alice, { ...bob, bundle: { ...bob.bundle, capabilities } })
    const session = must(acceptSession({ ...recipientInput(begun), pqRatchet: false }))
    assert.deepEqual([begun.session.pq, session.pq], [undefined, undefined])
    assert.deepEqual(session.associatedData, begun.session.associatedData)
  })

  it('does not let anybody take it out of a hello, or put it in', () => {
    const begun = begin(alice, bob)
    assert.ok(agrees(begun, recipientInput(begun)))
    assert.ok(!agrees(begun, { ...recipientInput(begun), pqRatchet: false }))
    const old = begin(alice, { ...bob, bundle: { ...bob.bundle, capabilities: new Uint8Array(0) } })
    assert.ok(agrees(old, { ...recipientInput(old), pqRatchet: false }))
    assert.ok(!agrees(old, recipientInput(old)))
  })

  it('names a session by its exchange, so that a repeated hello is the same session', () => {
    const [one, two] = [begin(alice, bob), begin(alice, bob)]
    assert.deepEqual(one.session.id, exchangeHash(structuredClone(one.exchange)))
    assert.notDeepEqual(one.session.id, two.session.id)
    assert.deepEqual(acceptSession(recipientInput(one)), acceptSession(recipientInput(one)))
  })

  it('shares nothing between two sessions of the same two people', () => {
    const [one, two] = [begin(alice, bob), begin(alice, bob)]
    assert.notDeepEqual(one.session.rootKey, two.session.rootKey)
    assert.notDeepEqual(one.session.nextReceivingHeaderKeys, two.session.nextReceivingHeaderKeys)
  })

  it('does not agree when anything that was exchanged is another', () => {
    const begun = begin(alice, bob, { invite })
    const input = recipientInput(begun, { invite })
    const { oneTimeKey: _unused, ...without } = input
    const { exchange, initiator } = input
    const others: Record<string, RecipientInput> = {
      'one-time key missing': without,
      'another one-time key': { ...input, oneTimeKey: createInvite(seeded(11)).oneTimeKey },
      'another signed prekey': { ...input, signedPrekey: must(bob.prekeys.signedPrekeys.at(-1)) },
      'another KEM prekey': { ...input, kemPrekey: must(mallory.prekeys.kemPrekeys.at(-1)) },
      'KEM ciphertext changed': {
        ...input,
        exchange: { ...exchange, kemCiphertext: flipped(exchange.kemCiphertext, 7) }
      },
      'KEM ciphertext cut': {
        ...input,
        exchange: { ...exchange, kemCiphertext: exchange.kemCiphertext.slice(1) }
      },
      'ephemeral key changed': {
        ...input,
        exchange: { ...exchange, ephemeralKey: flipped(exchange.ephemeralKey, 7) }
      },
      'another bundle': { ...input, bundleHash: flipped(input.bundleHash, 31) },
      "the initiator's signing key is another's": {
        ...input,
        initiator: { ...initiator, signingKey: mallory.bundle.signingKey }
      },
      "the initiator's X25519 key is another's": {
        ...input,
        initiator: { ...initiator, dhKey: mallory.bundle.dhKey }
      },
      'another recipient': { ...input, own: mallory.own },
      "the recipient's signing key is another's": {
        ...input,
        own: { ...bob.own, signing: mallory.own.signing }
      }
    }
    for (const [what, other] of Object.entries(others)) assert.equal(agrees(begun, other), false, what)
    assert.ok(agrees(begun, input))
  })

  it('does not let a one-time key be added where none was used', () => {
    const begun = begin(alice, bob)
    assert.equal(agrees(begun, recipientInput(begun, { invite })), false)
  })

  it('refuses to begin with any low-order key', () => {
    const { bundle } = bob
    const signedPrekey = must(bundle.signedPrekeys[0])
    const input = { own: alice.own, bundle, signedPrekey, generation: 1, now: NOW }
    for (const low of LOW_ORDER_KEYS) {
      assertRejected(initiateSession({ ...input, signedPrekey: low }, seeded(1)), 'bad-key')
      assertRejected(initiateSession({ ...input, oneTimeKey: low }, seeded(1)), 'bad-key')
      assertRejected(initiateSession({ ...input, bundle: { ...bundle, dhKey: low } }, seeded(1)), 'bad-key')
    }
  })

  it('refuses to begin with a KEM key that fails the modulus check', () => {
    const input = { own: alice.own, signedPrekey: must(bob.bundle.signedPrekeys[0]), generation: 1, now: NOW }
    for (const kemPrekey of [new Uint8Array(KEM_PUBLIC_KEY_BYTES).fill(0xff), new Uint8Array(5)]) {
      assertRejected(
        initiateSession({ ...input, bundle: { ...bob.bundle, kemPrekey } }, seeded(1)),
        'bad-key'
      )
    }
  })

  it('refuses to accept any low-order key', () => {
    const input = recipientInput(begin(alice, bob))
    for (const low of LOW_ORDER_KEYS) {
      assert.equal(acceptSession({ ...input, initiator: { ...input.initiator, dhKey: low } }), undefined)
      assert.equal(acceptSession({ ...input, exchange: { ...input.exchange, ephemeralKey: low } }), undefined)
    }
  })

  it('takes a forged KEM ciphertext without an error: it only opens nothing', () => {
    const begun = begin(alice, bob)
    const input = recipientInput(begun)
    const forged = {
      ...input,
      exchange: { ...input.exchange, kemCiphertext: seeded(12)(KEM_CIPHERTEXT_BYTES) }
    }
    assert.ok(acceptSession(forged) !== undefined)
    assert.equal(agrees(begun, forged), false)
  })

  it('does not let a contact of both pass one on to the other', () => {
    // Mallory has Alice's hello and shows it to Bob as if it had been made for him, or under her own name.
    const begun = begin(alice, mallory)
    assert.equal(agrees(begun, recipientInput(begun)), false)
    const own = recipientInput(begin(alice, bob))
    assert.equal(agrees(begin(alice, bob), { ...own, initiator: { ...mallory.bundle, seq: 1 } }), false)
  })
})

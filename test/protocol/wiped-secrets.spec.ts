import assert from 'node:assert/strict'
import { diffieHellman } from '../../src/crypto/dh.js'
import { hmacSha256 } from '../../src/crypto/hash.js'
import { decapsulate } from '../../src/crypto/kem.js'
import { hkdf, hkdfThreeKeys } from '../../src/crypto/kdf.js'
import { sealHello } from '../../src/protocol/handshake/hello.js'
import { acceptSession, initiateSession } from '../../src/protocol/handshake/pqxdh.js'
import { label } from '../../src/protocol/labels.js'
import { choosePrekey } from '../../src/protocol/prekeys/bundle.js'
import { findSignedPrekeys } from '../../src/protocol/prekeys/prekeys.js'
import { messageKey, rootStep, tagHash, tagSecrets } from '../../src/protocol/ratchet/kdf.js'
import { HELLO_DAY } from '../support/protocol-hello.js'
import { createInvite, createPerson } from '../support/protocol-parties.js'
import { expectKind, must, NOW, seeded } from '../support/protocol-values.js'
import { remembered, wipedDuring } from '../support/wiped.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** What a thief of the memory would look for after a step: nobody may need it again. */
describe('protocol: secrets that are done with are wiped', () => {
  const [alice, bob] = [createPerson(1), createPerson(2)]
  const invite = createInvite(seeded(3))
  const { key: signedPrekey } = choosePrekey(bob.bundle, NOW)
  const ownPrekey = must(findSignedPrekeys(bob.prekeys, bob.bundle.firstEpoch)[0])
  const agreed = (secret: Uint8Array, key: Uint8Array): string => hex(must(diffieHellman(secret, key)))

  it('of a handshake: the ephemeral key, what was agreed, and SK', () => {
    const { random, given } = remembered(seeded(4))
    const oneTimeKey = invite.oneTimeKey.publicKey
    const input = { own: alice.own, bundle: bob.bundle, signedPrekey, oneTimeKey, generation: 1, now: NOW }
    const { result, arrays } = wipedDuring(() => initiateSession(input, random))
    const { exchange } = expectKind(result, 'initiated')
    const ephemeral = must(given[0])
    const kemSecret = must(decapsulate(exchange.kemCiphertext, must(bob.prekeys.kemPrekeys.at(-1)).secretKey))
    const agreements =
      'ff'.repeat(32) +
      agreed(alice.own.dh.secretKey, signedPrekey) +
      agreed(ephemeral, bob.bundle.dhKey) +
      agreed(ephemeral, signedPrekey) +
      agreed(ephemeral, oneTimeKey) +
      hex(kemSecret)
    const secretKey = hkdf(Buffer.from(agreements, 'hex'), new Uint8Array(32), label('pqxdh'), 32)
    for (const secret of [hex(ephemeral), hex(kemSecret), agreements, hex(secretKey)])
      assert.ok(arrays.includes(secret))

    const accepted = wipedDuring(() =>
      acceptSession({
        own: bob.own,
        signedPrekey: ownPrekey,
        kemPrekey: must(bob.prekeys.kemPrekeys.at(-1)),
        oneTimeKey: invite.oneTimeKey,
        initiator: { ...alice.bundle, seq: 1 },
        exchange,
        bundleHash: bob.bundle.hash,
        pqRatchet: true,
        generation: 1,
        now: NOW
      })
    )
    assert.ok(accepted.result !== undefined)
    for (const secret of [agreements, hex(secretKey)]) assert.ok(accepted.arrays.includes(secret))
  })

  it('of a hello: its ephemeral key, what was agreed with it, and what its key comes from', () => {
    const { random, given } = remembered(seeded(5))
    const route = {
      epoch: bob.bundle.firstEpoch,
      signedPrekey,
      invite: { secret: invite.secret, count: 0 }
    }
    const { result, arrays } = wipedDuring(() => sealHello(new Uint8Array(100), route, HELLO_DAY, random))
    expectKind(result, 'sealed')
    const ephemeral = must(given[0])
    const shared = agreed(ephemeral, signedPrekey)
    for (const secret of [hex(ephemeral), shared, shared + hex(invite.secret)])
      assert.ok(arrays.includes(secret))
  })

  it('of a step of the ratchet: the next header key, of which two others are kept', () => {
    const [rootKey, dhOutput] = [seeded(6)(32), seeded(7)(32)]
    const [, , headerKey] = hkdfThreeKeys(dhOutput, rootKey, label('dr/root'))
    assert.ok(wipedDuring(() => rootStep(rootKey, dhOutput)).arrays.includes(hex(headerKey)))
  })

  it('of a tag: its own secret', () => {
    const secrets = tagSecrets(seeded(9)(32), 6)
    assert.ok(wipedDuring(() => tagHash(secrets, 6)).parts.includes(hex(secrets.subarray(32, 48))))
  })

  it('of a message: what its key comes from', () => {
    const chainKey = seeded(8)(32)
    const inputKey = hmacSha256(chainKey, Uint8Array.of(1))
    assert.ok(wipedDuring(() => messageKey(chainKey, new Uint8Array(32))).arrays.includes(hex(inputKey)))
  })
})

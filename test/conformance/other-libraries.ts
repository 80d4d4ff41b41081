import assert from 'node:assert/strict'
import sodium from 'libsodium-wrappers-sumo'
import { createMlKem768 } from 'mlkem'
import type { Primitives } from '../../src/crypto/backends/primitives.js'
import type { RandomSource } from '../../src/crypto/random.js'
import { flipped } from '../support/protocol-values.js'

const NOTHING = new Uint8Array(0)
/** Longest message, bytes: over several blocks of everything. */
const MAX_MESSAGE = 700

/** Plain arrays, as ours are. */
function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

/** A backend against libraries that share no code with it, on so many random keys and messages. */
export function conformToOthers(
  name: string,
  primitives: Primitives,
  random: RandomSource,
  rounds: { readonly kem: number; readonly rest: number }
): void {
  const length = (): number => (((random(1)[0] ?? 0) << 8) | (random(1)[0] ?? 0)) % MAX_MESSAGE

  describe(`the ${name} backend and libraries of others`, function () {
    this.timeout(rounds.kem * 200 + 20_000)

    before(async () => {
      await sodium.ready
    })

    it(`make the same ML-KEM-768 of ${String(rounds.kem)} seeds: libsodium`, () => {
      for (let round = 0; round < rounds.kem; round++) {
        const [seed, m] = [random(64), random(32)]
        const theirs = sodium.crypto_kem_mlkem768_seed_keypair(seed)
        const publicKey = primitives.kemPublicKey(seed)
        assert.deepEqual(plain(theirs.publicKey), publicKey)
        const ours = primitives.encapsulate(publicKey, m) ?? assert.fail()
        const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc_deterministic(publicKey, m)
        assert.deepEqual(ours, { ciphertext: plain(ciphertext), sharedSecret: plain(sharedSecret) })
        const open = (bytes: Uint8Array): Uint8Array =>
          plain(sodium.crypto_kem_mlkem768_dec(bytes, theirs.privateKey))
        assert.deepEqual(open(ours.ciphertext), ours.sharedSecret)
        const drawn = sodium.crypto_kem_mlkem768_enc(publicKey)
        assert.deepEqual(primitives.decapsulate(plain(drawn.ciphertext), seed), plain(drawn.sharedSecret))
        // Implicit rejection: the same wrong secret, which only the holder of the seed knows.
        const forged = flipped(ours.ciphertext, length(), 1 << (round % 8))
        const rejected = primitives.decapsulate(forged, seed)
        assert.deepEqual(open(forged), rejected)
        assert.notDeepEqual(rejected, ours.sharedSecret)
      }
    })

    it(`make the same ML-KEM-768 of ${String(rounds.kem)} seeds: mlkem`, async () => {
      const kem = await createMlKem768()
      for (let round = 0; round < rounds.kem; round++) {
        const [seed, m] = [random(64), random(32)]
        const [theirKey, theirSecret] = kem.deriveKeyPair(seed)
        const publicKey = primitives.kemPublicKey(seed)
        assert.deepEqual(plain(theirKey), publicKey)
        const ours = primitives.encapsulate(publicKey, m) ?? assert.fail()
        const [ciphertext, sharedSecret] = kem.encap(publicKey, m)
        assert.deepEqual(ours, { ciphertext: plain(ciphertext), sharedSecret: plain(sharedSecret) })
        assert.deepEqual(plain(kem.decap(ours.ciphertext, theirSecret)), ours.sharedSecret)
        const [drawn, drawnSecret] = kem.encap(publicKey)
        assert.deepEqual(primitives.decapsulate(plain(drawn), seed), plain(drawnSecret))
        const forged = flipped(ours.ciphertext, length(), 1 << (round % 8))
        assert.deepEqual(plain(kem.decap(forged, theirSecret)), primitives.decapsulate(forged, seed))
      }
    })

    it(`agree on ${String(rounds.rest)} X25519 secrets`, () => {
      for (let round = 0; round < rounds.rest; round++) {
        const [secretKey, u] = [random(32), random(32)]
        assert.deepEqual(primitives.dhPublicKey(secretKey), plain(sodium.crypto_scalarmult_base(secretKey)))
        const theirs = plain(sodium.crypto_scalarmult(secretKey, u))
        assert.deepEqual(primitives.diffieHellman(secretKey, u), theirs)
      }
    })

    it(`sign ${String(rounds.rest)} messages alike, and take each other's signatures and no others`, () => {
      for (let round = 0; round < rounds.rest; round++) {
        const [seed, message] = [random(32), random(length())]
        const theirs = sodium.crypto_sign_seed_keypair(seed)
        const publicKey = primitives.signingPublicKey(seed)
        assert.deepEqual(publicKey, plain(theirs.publicKey))
        const signature = primitives.sign(message, seed)
        assert.deepEqual(signature, plain(sodium.crypto_sign_detached(message, theirs.privateKey)))
        const forged = flipped(signature, round % 64, 1 << (length() % 8))
        for (const one of [signature, forged]) {
          const isTheirs = sodium.crypto_sign_verify_detached(one, message, publicKey)
          assert.equal(primitives.verify(one, message, publicKey), isTheirs)
          assert.equal(isTheirs, one === signature)
        }
      }
    })

    it(`seal ${String(rounds.rest)} messages alike, and open each other's and no others`, () => {
      for (let round = 0; round < rounds.rest; round++) {
        const [key, nonce, message, bound] = [random(32), random(12), random(length()), random(length() % 90)]
        const sealed = primitives.seal(key, nonce, message, bound, 0)
        const theirs = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(message, bound, null, nonce, key)
        assert.deepEqual(sealed, plain(theirs))
        assert.deepEqual(primitives.open(key, nonce, plain(theirs), bound), message)
        const forged = flipped(sealed, length() % sealed.length)
        assert.equal(primitives.open(key, nonce, forged, bound), undefined)
        assert.throws(() => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, forged, bound, nonce, key))
        assert.equal(primitives.open(key, nonce, sealed, Uint8Array.of(...bound, 0)), undefined)
      }
      assert.equal(primitives.seal(random(32), random(12), NOTHING, NOTHING, 0).length, 16)
    })
  })
}

import assert from 'node:assert/strict'
import { open, seal } from '../../src/crypto/aead.js'
import { diffieHellman } from '../../src/crypto/dh.js'
import { hmacSha256, hmacSha512 } from '../../src/crypto/hash.js'
import { decapsulate, encapsulate, KEM_SECRET_KEY_BYTES, kemPublicKey } from '../../src/crypto/kem.js'
import { hkdf } from '../../src/crypto/kdf.js'
import { verify } from '../../src/crypto/signature.js'
import { loadVectors, statedCount, vectorFiles, type Vector } from '../support/vectors.js'

/** The files that have a check below. */
const checked: string[] = []

/** Project Wycheproof's hostile examples through Hallig's own functions, not those of the libraries below. */
describe('Wycheproof', () => {
  it('is run with every file there is', function () {
    const files = vectorFiles()
    if (files === undefined) {
      console.log('      skipped: ../shared/vectors/wycheproof is not there')
      this.skip()
    }
    assert.deepEqual(checked.toSorted(), files)
  })

  check('x25519_test.json', { valid: 264, acceptable: 254 }, (vector) => {
    const shared = diffieHellman(vector.bytes('private'), vector.bytes('public'))
    // "Acceptable" is what RFC 7748 allows an implementation to refuse. Hallig refuses an all-zero secret and takes
    // the rest: keys on the twist and non-canonical keys are what §5 tells an implementation to take.
    const expected = vector.bytes('shared')
    assert.equal(
      expected.every((byte) => byte === 0),
      vector.texts('flags').includes('ZeroSharedSecret')
    )
    assert.deepEqual(shared, expected.every((byte) => byte === 0) ? undefined : expected)
  })

  check('ed25519_test.json', { valid: 88, invalid: 63 }, (vector) => {
    const accepted = verify(vector.bytes('sig'), vector.bytes('msg'), vector.bytes('pk'))
    assert.equal(accepted, vector.result === 'valid')
  })

  check('hkdf_sha256_test.json', { valid: 83, invalid: 3 }, (vector) => {
    const derive = () =>
      hkdf(vector.bytes('ikm'), vector.bytes('salt'), vector.bytes('info'), vector.number('size'))
    if (vector.result === 'valid') assert.deepEqual(derive(), vector.bytes('okm'))
    else assert.throws(derive, RangeError)
  })

  check('hmac_sha256_test.json', { valid: 66, invalid: 108 }, (vector) => {
    checkTag(hmacSha256(vector.bytes('key'), vector.bytes('msg')), vector)
  })

  check('hmac_sha512_test.json', { valid: 66, invalid: 108 }, (vector) => {
    checkTag(hmacSha512(vector.bytes('key'), vector.bytes('msg')), vector)
  })

  check('chacha20_poly1305_test.json', { valid: 256, invalid: 69 }, (vector) => {
    const [key, nonce, associatedData] = [vector.bytes('key'), vector.bytes('iv'), vector.bytes('aad')]
    const sealed = Uint8Array.from([...vector.bytes('ct'), ...vector.bytes('tag')])
    const isValid = vector.result === 'valid'
    assert.deepEqual(open(key, nonce, sealed, associatedData), isValid ? vector.bytes('msg') : undefined)
    const sealAgain = () => seal(key, nonce, vector.bytes('msg'), associatedData)
    if (nonce.length !== 12) assert.throws(sealAgain, RangeError)
    else assert.equal(Buffer.compare(sealAgain(), sealed) === 0, isValid)
  })

  check('mlkem_768_keygen_seed_test.json', { valid: 100 }, (vector) => {
    assert.deepEqual(kemPublicKey(vector.bytes('seed')), vector.bytes('ek'))
  })

  check('mlkem_768_encaps_test.json', { valid: 133, invalid: 132 }, (vector) => {
    const result = encapsulate(vector.bytes('ek'), () => vector.bytes('m'))
    if (vector.result !== 'valid') assert.equal(result, undefined)
    else assert.deepEqual(result, { ciphertext: vector.bytes('c'), sharedSecret: vector.bytes('K') })
  })

  check('mlkem_768_test.json', { valid: 153, invalid: 40 }, (vector) => {
    const secretKey = vector.bytes('seed')
    const shared = decapsulate(vector.bytes('c'), secretKey)
    assert.deepEqual(shared, vector.result === 'valid' ? vector.bytes('K') : undefined)
    if (secretKey.length !== KEM_SECRET_KEY_BYTES) assert.throws(() => kemPublicKey(secretKey), RangeError)
    else assert.deepEqual(kemPublicKey(secretKey), vector.bytes('ek'))
  })
})

type Counts = Readonly<Record<string, number>>

function check(file: string, counts: Counts, checkVector: (vector: Vector) => void): void {
  checked.push(file)
  it(`accepts and refuses what ${file} says`, function () {
    const vectors = loadVectors(file)
    if (vectors === undefined) {
      console.log(`      skipped: ../shared/vectors/wycheproof/${file} is not there`)
      this.skip()
    }
    assert.equal(vectors.length, statedCount(file))
    const found = new Map<string, number>()
    for (const { result } of vectors) found.set(result, (found.get(result) ?? 0) + 1)
    assert.deepEqual(Object.fromEntries(found), counts)
    for (const vector of vectors) {
      try {
        checkVector(vector)
      } catch (cause) {
        throw new Error(`${file}, ${vector.name}: expected ${vector.result}`, { cause })
      }
    }
  })
}

function checkTag(tag: Uint8Array, vector: Vector): void {
  const expected = vector.bytes('tag')
  assert.equal(Buffer.compare(tag.subarray(0, expected.length), expected) === 0, vector.result === 'valid')
}

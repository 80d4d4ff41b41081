import assert from 'node:assert/strict'
import type { Primitives } from '../../src/crypto/backends/primitives.js'
import { hex, loadRfc, utf8 } from '../support/vectors.js'

const EMPTY = new Uint8Array(0)

/** What every backend must do, by the examples of the specifications. */
export function conformPrimitives(name: string, primitives: Primitives): void {
  describe(`the ${name} backend`, () => {
    conformHash(primitives)
    conformAead(primitives)
    conformDh(primitives)
    conformSignature(primitives)
    conformKem(primitives)

    it('returns plain arrays of its own', () => {
      const publicKey = primitives.kemPublicKey(new Uint8Array(64))
      const m = new Uint8Array(32)
      const key = utf8('0123456789abcdef0123456789abcdef')
      const nonce = new Uint8Array(12)
      const results = [
        primitives.hash('sha256', [key]),
        primitives.hash('sha512', [key, nonce]),
        primitives.hmac('sha256', key, [nonce]),
        primitives.hmac('sha512', key, [new Uint8Array(10_000)]),
        primitives.hmacNumbers('sha512', key, 0, 2),
        primitives.hashPieces('sha256', nonce, key, 16, 4),
        primitives.scrypt(key, nonce, { N: 2, r: 1, p: 1 }, 32),
        primitives.seal(key, nonce, key, nonce, 0),
        primitives.open(key, nonce, primitives.seal(key, nonce, key, EMPTY, 0), EMPTY),
        primitives.dhPublicKey(key),
        primitives.diffieHellman(key, primitives.dhPublicKey(m)),
        primitives.signingPublicKey(key),
        primitives.sign(nonce, key),
        publicKey,
        primitives.encapsulate(publicKey, m)?.ciphertext,
        primitives.encapsulate(publicKey, m)?.sharedSecret,
        primitives.decapsulate(new Uint8Array(1088), new Uint8Array(64))
      ]
      for (const result of results) {
        assert.ok(result !== undefined)
        assert.equal(Object.getPrototypeOf(result), Uint8Array.prototype)
      }
      const before = results.map((result) => result?.slice())
      primitives.hash('sha256', [nonce, m])
      primitives.hmac('sha512', m, [nonce, m])
      assert.deepEqual(results, before)
      assert.deepEqual(key, utf8('0123456789abcdef0123456789abcdef'))
    })
  })
}

function conformHash(primitives: Primitives): void {
  it('hashes as FIPS 180-4 says', () => {
    const abc = [utf8('a'), EMPTY, utf8('bc')]
    assert.deepEqual(
      primitives.hash('sha256', abc),
      hex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    )
    assert.deepEqual(
      primitives.hash('sha512', abc),
      hex(`ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
           2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f`)
    )
    assert.deepEqual(
      primitives.hash('sha256', []),
      hex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    )
  })

  it('authenticates as RFC 4231 says, cases 2 and 6', () => {
    const jefe = { key: utf8('Jefe'), parts: [utf8('what do ya want '), utf8('for nothing?')] }
    assert.deepEqual(
      primitives.hmac('sha256', jefe.key, jefe.parts),
      hex('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
    )
    assert.deepEqual(
      primitives.hmac('sha512', jefe.key, jefe.parts),
      hex(`164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554
           9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737`)
    )
    const long = new Uint8Array(131).fill(0xaa)
    const message = [utf8('Test Using Larger Than Block-Size Key - Hash Key First')]
    assert.deepEqual(
      primitives.hmac('sha256', long, message),
      hex('60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54')
    )
    assert.deepEqual(
      primitives.hmac('sha512', long, message),
      hex(`80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352
           6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598`)
    )
  })

  it('authenticates numbers in a row as it does their four bytes', () => {
    for (const name of ['sha256', 'sha512'] as const) {
      for (const key of [EMPTY, utf8('Jefe'), new Uint8Array(131).fill(0xaa)]) {
        for (const [from, count] of [
          [0, 0],
          [0, 3],
          [0, 7],
          [0, 9],
          [0, 40],
          [1, 9],
          [7, 40],
          [40, 40],
          [0x00fffffe, 4],
          [0xfffffffe, 2]
        ] as const) {
          const alone = Array.from({ length: count }, (_, at) => {
            const bytes = new Uint8Array(4)
            new DataView(bytes.buffer).setUint32(0, from + at)
            return [...primitives.hmac(name, key, [bytes])]
          })
          assert.deepEqual([...primitives.hmacNumbers(name, key, from, count)], alone.flat())
        }
      }
    }
  })

  it('hashes pieces as it does each with what goes before, and keeps as much as it is told', () => {
    const pieces = Uint8Array.from({ length: 96 }, (_, index) => index * 7)
    for (const name of ['sha256', 'sha512'] as const) {
      for (const [prefix, size, kept] of [
        [EMPTY, 1, 4],
        [utf8('tag'), 16, 16],
        [utf8('tag'), 48, 32]
      ] as const) {
        const alone = Array.from({ length: pieces.length / size }, (_, at) => [
          ...primitives.hash(name, [prefix, pieces.subarray(at * size, (at + 1) * size)]).subarray(0, kept)
        ])
        assert.deepEqual([...primitives.hashPieces(name, prefix, pieces, size, kept)], alone.flat())
      }
      assert.equal(primitives.hashPieces(name, EMPTY, EMPTY, 16, 4).length, 0)
    }
  })

  it('stretches as RFC 7914 says, §12', () => {
    const key = primitives.scrypt(utf8('password'), utf8('NaCl'), { N: 1024, r: 8, p: 16 }, 64)
    assert.deepEqual(
      key,
      hex(`fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162
           2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640`)
    )
  })
}

function conformAead(primitives: Primitives): void {
  const [vector] = loadRfc('rfc8439')
  assert.ok(vector !== undefined)
  const [key, nonce] = [vector.bytes('key'), vector.bytes('nonce')]
  const [associatedData, plaintext] = [vector.bytes('associatedData'), vector.bytes('plaintext')]
  const sealed = vector.bytes('sealed')

  it('seals and opens as RFC 8439 says, §2.8.2', () => {
    assert.deepEqual(primitives.seal(key, nonce, plaintext, associatedData, 0), sealed)
    assert.deepEqual(primitives.open(key, nonce, sealed, associatedData), plaintext)
  })

  it('opens nothing with any byte changed', () => {
    for (let index = 0; index < sealed.length; index++) {
      const forged = sealed.map((byte, at) => (at === index ? byte ^ 0x80 : byte))
      assert.equal(primitives.open(key, nonce, forged, associatedData), undefined)
    }
    assert.equal(primitives.open(key, nonce, sealed, EMPTY), undefined)
    assert.equal(primitives.open(key, new Uint8Array(12), sealed, associatedData), undefined)
    assert.equal(primitives.open(new Uint8Array(32), nonce, sealed, associatedData), undefined)
  })

  it('leaves room before what it seals', () => {
    const roomy = primitives.seal(key, nonce, plaintext, associatedData, 13)
    assert.deepEqual(roomy.subarray(0, 13), new Uint8Array(13))
    assert.deepEqual(Uint8Array.from(roomy.subarray(13)), sealed)
  })

  it('seals nothing at all', () => {
    const tag = primitives.seal(key, nonce, EMPTY, EMPTY, 0)
    assert.equal(tag.length, 16)
    assert.deepEqual(primitives.open(key, nonce, tag, EMPTY), EMPTY)
    assert.equal(primitives.open(key, nonce, new Uint8Array(16), EMPTY), undefined)
  })
}

function conformDh(primitives: Primitives): void {
  it('multiplies as RFC 7748 says', () => {
    for (const vector of loadRfc('rfc7748')) {
      const [scalar, u] = [vector.bytes('scalar'), vector.bytes('u')]
      assert.deepEqual(primitives.diffieHellman(scalar, u), vector.bytes('product'))
      if (vector.has('publicKey')) assert.deepEqual(primitives.dhPublicKey(scalar), vector.bytes('publicKey'))
    }
  })

  it('gives no secret for a public key of low order', () => {
    const secretKey = new Uint8Array(32).fill(5)
    for (const lowOrder of [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
    ]) {
      assert.equal(primitives.diffieHellman(secretKey, hex(lowOrder)), undefined)
    }
  })
}

function conformSignature(primitives: Primitives): void {
  it('signs and verifies as RFC 8032 says, §7.1', () => {
    for (const vector of loadRfc('rfc8032')) {
      const [secretKey, publicKey] = [vector.bytes('secretKey'), vector.bytes('publicKey')]
      const [message, signature] = [vector.bytes('message'), vector.bytes('signature')]
      assert.deepEqual(primitives.signingPublicKey(secretKey), publicKey)
      assert.deepEqual(primitives.sign(message, secretKey), signature)
      assert.equal(primitives.verify(signature, message, publicKey), true)
      assert.equal(primitives.verify(signature, utf8('another'), publicKey), false)
    }
  })
}

function conformKem(primitives: Primitives): void {
  const seed = Uint8Array.from({ length: 64 }, (_, index) => index)
  const publicKey = primitives.kemPublicKey(seed)
  const m = new Uint8Array(32).fill(7)

  it('carries a secret', () => {
    const { ciphertext, sharedSecret } = primitives.encapsulate(publicKey, m) ?? assert.fail()
    assert.equal(publicKey.length, 1184)
    assert.equal(ciphertext.length, 1088)
    assert.deepEqual(primitives.decapsulate(ciphertext, seed), sharedSecret)
  })

  it('rejects a forged ciphertext implicitly, with the same wrong secret each time', () => {
    const { ciphertext, sharedSecret } = primitives.encapsulate(publicKey, m) ?? assert.fail()
    const forged = ciphertext.map((byte, index) => (index === 500 ? byte ^ 1 : byte))
    const wrong = primitives.decapsulate(forged, seed)
    assert.equal(wrong.length, 32)
    assert.notDeepEqual(wrong, sharedSecret)
    assert.deepEqual(primitives.decapsulate(forged, seed), wrong)
  })

  it('refuses a public key with a coefficient of q or more', () => {
    const overflown = publicKey.slice()
    overflown.set([0x01, 0x0d | ((overflown[1] ?? 0) & 0xf0)]) // 0xd01 = 3329 = q
    assert.equal(primitives.encapsulate(overflown, m), undefined)
  })
}

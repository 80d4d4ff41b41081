import assert from 'node:assert/strict'
import type { Primitives } from '../../src/crypto/backends/primitives.js'
import { hex, utf8 } from '../support/vectors.js'

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
  const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f')
  const nonce = hex('070000004041424344454647')
  const associatedData = hex('50515253c0c1c2c3c4c5c6c7')
  const plaintext = utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
  )
  const sealed = hex(`
    d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6
    3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36
    92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
    3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691`)

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
  it('multiplies as RFC 7748 says, §5.2', () => {
    const examples = [
      [
        'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
        'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
        'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'
      ],
      [
        '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
        'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
        '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957'
      ]
    ] as const
    for (const [scalar, u, product] of examples) {
      assert.deepEqual(primitives.diffieHellman(hex(scalar), hex(u)), hex(product))
    }
  })

  it('multiplies a thousand times in a row as RFC 7748 says, §5.2', () => {
    let k = hex('0900000000000000000000000000000000000000000000000000000000000000')
    let u = k
    for (let round = 0; round < 1000; round++) {
      const product = primitives.diffieHellman(k, u)
      assert.ok(product !== undefined)
      u = k
      k = product
    }
    assert.deepEqual(k, hex('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51'))
  })

  it('agrees on a secret as RFC 7748 says, §6.1', () => {
    const aliceSecret = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
    const alice = hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
    const bobSecret = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
    const bob = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
    const shared = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742')
    assert.deepEqual(primitives.dhPublicKey(aliceSecret), alice)
    assert.deepEqual(primitives.dhPublicKey(bobSecret), bob)
    assert.deepEqual(primitives.diffieHellman(aliceSecret, bob), shared)
    assert.deepEqual(primitives.diffieHellman(bobSecret, alice), shared)
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
    const examples = [
      {
        secretKey: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
        publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
        message: '',
        signature: `e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
                    5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b`
      },
      {
        secretKey: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
        publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
        message: '72',
        signature: `92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
                    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00`
      },
      {
        secretKey: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
        publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
        message: 'af82',
        signature: `6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac
                    18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a`
      }
    ]
    for (const example of examples) {
      const [secretKey, publicKey] = [hex(example.secretKey), hex(example.publicKey)]
      const [message, signature] = [hex(example.message), hex(example.signature)]
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

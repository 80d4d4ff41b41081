import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  choosePrekey,
  decodeBundle,
  epochAt,
  isBundleExpired,
  issueBundle,
  parseBundle
} from '../../../src/protocol/prekeys/bundle.js'
import { BUNDLE_LIFETIME, DAY_MS, EPOCH_SECONDS, MAX_BUNDLE_BYTES } from '../../../src/protocol/limits.js'
import { createPerson } from '../../support/protocol-parties.js'
import { sign } from '../../../src/crypto/signature.js'
import { label } from '../../../src/protocol/labels.js'
import {
  anyBytes,
  assertRejected,
  expectKind,
  flipped,
  joined,
  must,
  mutated,
  NOW
} from '../../support/protocol-values.js'

const { own, prekeys, bundle } = createPerson(1)
const encoded = prekeys.bundle

describe('protocol/prekeys/bundle', () => {
  it('decodes what was issued, in about a kilobyte and a half', () => {
    assert.ok(encoded.length < 1_600 && encoded.length <= MAX_BUNDLE_BYTES, `${encoded.length}`)
    const { incarnation, signing, dh } = own
    assert.deepEqual(
      [bundle.signingKey, bundle.dhKey, bundle.incarnation],
      [signing.publicKey, dh.publicKey, incarnation]
    )
    assert.equal(bundle.seq, Math.floor(NOW / 1000))
    assert.equal(bundle.notAfter, NOW + BUNDLE_LIFETIME)
    assert.equal(bundle.firstEpoch, epochAt(NOW))
    assert.deepEqual(
      bundle.signedPrekeys,
      prekeys.signedPrekeys.map(({ publicKey }) => publicKey)
    )
    assert.deepEqual(bundle.kemPrekey, prekeys.kemPrekeys[0]?.publicKey)
    assert.deepEqual(bundle.encoded, encoded)
    assert.deepEqual(bundle.hash, Uint8Array.from(createHash('sha256').update(encoded).digest()))
  })

  it('refuses every changed byte and every truncation', () => {
    for (let at = 0; at < encoded.length; at += 1) {
      assert.equal(decodeBundle(flipped(encoded, at)).kind, 'rejected', `byte ${at}`)
      if (at % 5 === 0) assert.equal(decodeBundle(encoded.subarray(0, at)).kind, 'rejected')
    }
    assertRejected(decodeBundle(Uint8Array.from([...encoded, 0])), 'malformed')
  })

  it('takes any and mutated bytes without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes(2_100), mutated(encoded)), (bytes) => {
        assert.equal(decodeBundle(bytes).kind, 'rejected')
      }),
      { numRuns: 250 }
    )
  })

  it('is parsed without its signature where that was checked before, and never throws either', () => {
    assert.deepEqual(parseBundle(encoded), { kind: 'decoded', bundle })
    fc.assert(
      fc.property(fc.oneof(anyBytes(2_100), mutated(encoded)), (bytes) => {
        const parsed = parseBundle(bytes)
        if (parsed.kind === 'decoded') assertRejected(decodeBundle(bytes), 'bad-signature')
        else assert.deepEqual(decodeBundle(bytes), parsed)
      }),
      { numRuns: 150 }
    )
  })

  it('tells what it does not support from what is broken', () => {
    assertRejected(decodeBundle(flipped(encoded, 0, 3)), 'unsupported')
    assertRejected(decodeBundle(flipped(encoded, 1, 3)), 'unsupported')
    assertRejected(decodeBundle(new Uint8Array(0)), 'malformed')
    assertRejected(decodeBundle(encoded.subarray(0, 1)), 'malformed')
  })

  it('verifies a bundle with capabilities of a later version', () => {
    // One byte of them today, after its length.
    const fields = joined(encoded.subarray(0, -67), Uint8Array.of(0, 3, 7, 8, 9))
    const signature = sign(joined(label('bundle'), fields), own.signing.secretKey)
    const { bundle: later } = expectKind(decodeBundle(joined(fields, signature)), 'decoded')
    assert.deepEqual(later.kemPrekey, bundle.kemPrekey)
    assert.deepEqual([[...later.capabilities], [...bundle.capabilities]], [[7, 8, 9], [1]])
    assertRejected(decodeBundle(flipped(joined(fields, signature), fields.length - 1)), 'bad-signature')
  })

  it('takes no key of another kind in the place of a signed prekey, whoever signed it', () => {
    // Version and suite, two keys with their kinds, incarnation, number, two times, epoch.
    const kind = 2 + 2 * 33 + 16 + 3 * 8 + 4
    assert.equal(encoded[kind], encoded[kind + 33])
    const fields = flipped(encoded, kind).subarray(0, -64)
    const signed = joined(fields, sign(joined(label('bundle'), fields), own.signing.secretKey))
    for (const decode of [decodeBundle, parseBundle]) assertRejected(decode(signed), 'malformed')
  })

  it('takes a bundle of the largest size, and none of a byte more', () => {
    const ofSize = (size: number): Uint8Array => {
      const rest = encoded.subarray(0, -67)
      const capabilities = new Uint8Array(size - rest.length - 2 - 64)
      const fields = joined(
        rest,
        Uint8Array.of(capabilities.length >> 8, capabilities.length & 255),
        capabilities
      )
      return joined(fields, sign(joined(label('bundle'), fields), own.signing.secretKey))
    }
    for (const decode of [decodeBundle, parseBundle]) {
      expectKind(decode(ofSize(MAX_BUNDLE_BYTES)), 'decoded')
      assertRejected(decode(ofSize(MAX_BUNDLE_BYTES + 1)), 'malformed')
    }
  })

  it('refuses a bundle that ends before it begins', () => {
    const fields = { ...bundle, notBefore: NOW, notAfter: NOW }
    assertRejected(decodeBundle(issueBundle(own, fields)), 'malformed')
  })

  it('keeps no view on what it was decoded from', () => {
    const bytes = encoded.slice()
    const decoded = expectKind(decodeBundle(bytes), 'decoded').bundle
    bytes.fill(0)
    assert.deepEqual(decoded, bundle)
  })

  it('counts weeks of one calendar for everyone', () => {
    assert.equal(epochAt(0), 0)
    assert.equal(epochAt(-5), 0)
    assert.equal(epochAt(EPOCH_SECONDS * 1_000 - 1), 0)
    assert.equal(epochAt(EPOCH_SECONDS * 1_000), 1)
    assert.equal(epochAt(Date.UTC(2100, 0, 1)), Math.floor(Date.UTC(2100, 0, 1) / 604_800_000))
  })

  it('expires a day late, for wrong clocks', () => {
    assert.equal(isBundleExpired(bundle, bundle.notAfter + DAY_MS), false)
    assert.equal(isBundleExpired(bundle, bundle.notAfter + DAY_MS + 1), true)
    assert.equal(isBundleExpired(bundle, 0), false)
  })

  it('offers the signed prekey of the week, or the nearest when a clock is wrong', () => {
    const week = EPOCH_SECONDS * 1_000
    for (const [now, index] of [
      [NOW, 0],
      [NOW + 2 * DAY_MS, 0],
      [NOW + week, 1],
      [NOW + 3 * week, 3]
    ] as const) {
      assert.deepEqual(choosePrekey(bundle, now), {
        epoch: bundle.firstEpoch + index,
        key: must(bundle.signedPrekeys[index])
      })
    }
    for (const now of [0, NOW - 2 * week]) assert.equal(choosePrekey(bundle, now).epoch, bundle.firstEpoch)
    for (const now of [NOW + 4 * week, Date.UTC(2100, 0, 1)])
      assert.equal(choosePrekey(bundle, now).epoch, bundle.firstEpoch + 3)
  })
})

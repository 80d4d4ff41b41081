import assert from 'node:assert/strict'
import { sign } from '../../src/crypto/signature.js'
import { label } from '../../src/protocol/labels.js'
import { EPOCH_SECONDS } from '../../src/protocol/limits.js'
import {
  bundleRecordId,
  openBundleRecord,
  sealBundleRecord
} from '../../src/protocol/prekeys/bundle-record.js'
import {
  decodeBundleRequest,
  decodeBundleResponse,
  encodeBundleRequest,
  encodeBundleResponse
} from '../../src/protocol/prekeys/bundle-request.js'
import { choosePrekey, decodeBundle, epochAt } from '../../src/protocol/prekeys/bundle.js'
import { createPerson, plainPerson } from '../support/protocol-parties.js'
import { expectKind, flipped, joined, must, NOW, seeded } from '../support/protocol-values.js'
import type { Vector } from '../support/vectors.js'
import { toHex, type FrozenCase, type FrozenFile } from './frozen-file.js'

const SIGNATURE_BYTES = 64
const WEEK_MS = EPOCH_SECONDS * 1_000
/** Where notAfter begins. */
const NOT_AFTER = 1 + 1 + 33 + 33 + 16 + 8 + 8

const bob = plainPerson(0xb0)
const { encoded } = bob.bundle
const week = epochAt(NOW)

/** The bundle with other fields, signed by its owner. */
function signedAnew(fields: Uint8Array): Uint8Array {
  return joined(fields, sign(joined(label('bundle'), fields), bob.own.signing.secretKey))
}

const fields = encoded.subarray(0, encoded.length - SIGNATURE_BYTES)
const bundles: Readonly<Record<string, readonly [bundle: Uint8Array, result: string]>> = {
  'as it is issued': [encoded, 'decoded'],
  'with the capability of the post-quantum ratchet': [createPerson(0xb0).bundle.encoded, 'decoded'],
  'with capabilities that nobody knows': [
    signedAnew(joined(fields.subarray(0, fields.length - 2), Uint8Array.of(0, 3, 0xff, 0xfe, 0xfd))),
    'decoded'
  ],
  'refused: another version': [signedAnew(flipped(fields, 0, 3)), 'unsupported'],
  'refused: another suite': [signedAnew(flipped(fields, 1, 3)), 'unsupported'],
  'refused: another signature': [flipped(encoded, encoded.length - 1), 'bad-signature'],
  'refused: a life that ends before it begins': [
    signedAnew(joined(fields.subarray(0, NOT_AFTER), new Uint8Array(8), fields.subarray(NOT_AFTER + 8))),
    'malformed'
  ],
  'refused: a byte too few': [encoded.slice(0, -1), 'malformed'],
  'refused: a byte too many': [Uint8Array.of(...encoded, 0), 'malformed'],
  'refused: longer than any bundle': [
    signedAnew(joined(fields.subarray(0, fields.length - 2), Uint8Array.of(3, 0), new Uint8Array(0x300))),
    'malformed'
  ]
}

/** Which prekey is used when: of the week, or the nearest one. */
function prekeyCases(): FrozenCase[] {
  return [-1, 0, 1, 3, 4, 20].map((weeks) => {
    const now = NOW + weeks * WEEK_MS
    const { epoch, key } = choosePrekey(bob.bundle, now)
    return {
      name: `prekey, ${String(weeks)} weeks on`,
      bundle: toHex(encoded),
      now,
      epoch,
      prekey: toHex(key)
    }
  })
}

function recordCase(): FrozenCase {
  const nonce = seeded(0xb1)(12)
  const record = sealBundleRecord(bob.own.signing.publicKey, week, encoded, () => nonce)
  const signingKey = toHex(bob.own.signing.publicKey)
  return {
    name: 'record',
    signingKey,
    week,
    nonce: toHex(nonce),
    id: toHex(record.id),
    body: toHex(record.body)
  }
}

function exchangeCases(): FrozenCase[] {
  const random = seeded(0xb2)
  const ids = Array.from({ length: 17 }, () => random(32))
  const records = ids.map((id, index) => ({ id, body: random(10 + index) }))
  const request = (wanted: number, offered: number): string =>
    toHex(encodeBundleRequest({ wanted: ids.slice(0, wanted), offered: records.slice(0, offered) }))
  const cases = [
    [0, 0],
    [3, 1],
    [16, 4],
    [17, 0],
    [0, 5]
  ] as const
  const tooMany = Uint8Array.of(1, 17, ...new Uint8Array(17 * 34))
  return [
    ...cases.map(([wanted, offered]) => ({
      name: `request for ${String(wanted)}, with ${String(offered)}`,
      request: request(wanted, offered),
      result: wanted <= 16 && offered <= 4 ? 'decoded' : 'refused'
    })),
    { name: 'request of another version', request: `02${request(1, 0).slice(2)}`, result: 'refused' },
    ...[0, 1, 16].map((count) => ({
      name: `response with ${String(count)}`,
      response: toHex(encodeBundleResponse(records.slice(0, count))),
      result: 'decoded'
    })),
    { name: 'response with 17', response: toHex(tooMany), result: 'refused' }
  ]
}

function consumeBundle(vector: Vector): void {
  const bundle = vector.bytes('bundle')
  const decoded = decodeBundle(bundle)
  if (vector.has('prekey')) {
    const found = choosePrekey(expectKind(decoded, 'decoded').bundle, vector.number('now'))
    assert.equal(found.epoch, vector.number('epoch'))
    assert.deepEqual(found.key, vector.bytes('prekey'))
    return
  }
  assert.equal(decoded.kind === 'decoded' ? 'decoded' : decoded.reason, vector.text('result'))
  if (decoded.kind === 'decoded') assert.deepEqual(decoded.bundle.hash, vector.bytes('hash'))
}

function consumeRecord(vector: Vector): void {
  const [signingKey, at] = [vector.bytes('signingKey'), vector.number('week')]
  assert.deepEqual(bundleRecordId(signingKey, at), vector.bytes('id'))
  const record = { id: vector.bytes('id'), body: vector.bytes('body') }
  const bundle = must(openBundleRecord(record, signingKey, at))
  assert.deepEqual(bundle.signingKey, signingKey)
  assert.equal(openBundleRecord(record, signingKey, at + 1), undefined)
  assert.equal(openBundleRecord({ ...record, body: flipped(record.body, 40) }, signingKey, at), undefined)
}

/** Bundles, which prekey of one is used, records and how they are asked for. */
export const frozenBundles: FrozenFile = {
  name: 'bundle',
  generate: () => [
    ...Object.entries(bundles).map(([name, [bundle, result]]) => {
      const decoded = decodeBundle(bundle)
      return {
        name,
        bundle: toHex(bundle),
        result,
        ...(decoded.kind === 'decoded' ? { hash: toHex(decoded.bundle.hash) } : {})
      }
    }),
    ...prekeyCases(),
    recordCase(),
    ...exchangeCases()
  ],
  consume(vector) {
    if (vector.has('bundle')) consumeBundle(vector)
    else if (vector.has('body')) consumeRecord(vector)
    else if (vector.has('request')) {
      const request = decodeBundleRequest(vector.bytes('request'))
      assert.equal(request === undefined ? 'refused' : 'decoded', vector.text('result'))
      if (request !== undefined) assert.deepEqual(encodeBundleRequest(request), vector.bytes('request'))
    } else {
      const records = decodeBundleResponse(vector.bytes('response'))
      assert.equal(records === undefined ? 'refused' : 'decoded', vector.text('result'))
      if (records !== undefined) assert.deepEqual(encodeBundleResponse(records), vector.bytes('response'))
    }
  }
}

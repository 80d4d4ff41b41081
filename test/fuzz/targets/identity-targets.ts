import { Reader } from '../../../src/codec/reader.js'
import { dhPublicKey } from '../../../src/crypto/dh.js'
import { sha256 } from '../../../src/crypto/hash.js'
import { sign } from '../../../src/crypto/signature.js'
import { decodeCard, encodeCard } from '../../../src/protocol/identity/card.js'
import { encodeCertificate, readCertificate } from '../../../src/protocol/identity/certificate.js'
import { label } from '../../../src/protocol/labels.js'
import {
  MAX_ADDRESSES,
  MAX_BUNDLE_BYTES,
  MAX_CARD_BYTES,
  MAX_CARD_LIFETIME,
  MAX_NAME_BYTES
} from '../../../src/protocol/limits.js'
import {
  BUNDLE_ID_BYTES,
  MAX_BUNDLE_RECORD_BYTES,
  openBundleRecord,
  sealBundleRecord
} from '../../../src/protocol/prekeys/bundle-record.js'
import {
  decodeBundleRequest,
  decodeBundleResponse,
  encodeBundleRequest,
  encodeBundleResponse
} from '../../../src/protocol/prekeys/bundle-request.js'
import { choosePrekey, decodeBundle, epochAt, isBundleExpired } from '../../../src/protocol/prekeys/bundle.js'
import { createPerson } from '../../support/protocol-parties.js'
import { joined, NOW, seeded } from '../../support/protocol-values.js'
import { utf8 } from '../../support/vectors.js'
import { DECODER_ALLOCATION, promise, promiseSame, scaleOf, type FuzzTarget } from '../target.js'

const SIGNATURE_BYTES = 64

const random = seeded(0xcafe)
/** Who signs whatever mutation makes of its things. */
const author = createPerson(0xcafe)
const { own, bundle } = author

/** Signed anew by the author, whatever it says. */
function signedAnew(kind: 'card' | 'bundle' | 'certificate', input: Uint8Array): Uint8Array {
  const fields = input.subarray(0, Math.max(0, input.length - SIGNATURE_BYTES))
  return joined(fields, sign(joined(label(kind), fields), own.signing.secretKey))
}

function isByAuthor(signingKey: Uint8Array): boolean {
  return Buffer.compare(signingKey, own.signing.publicKey) === 0
}

const invite = { secret: random(32), oneTimeKey: dhPublicKey(random(32)) }
const fields = { notAfter: NOW + MAX_CARD_LIFETIME, name: 'Björn', addresses: ['/ip4/10.0.0.1/tcp/1', 'x'] }

const card: FuzzTarget = {
  name: 'card',
  weight: 12,
  samples: [
    encodeCard(own, { ...fields, invite }),
    encodeCard(own, { ...fields, invite, bundle }),
    encodeCard(own, { ...fields, name: '', addresses: [], bundle }),
    encodeCard(own, { notAfter: 0, name: '', addresses: [] })
  ],
  maxLength: MAX_CARD_BYTES + 64,
  maxAllocation: DECODER_ALLOCATION,
  mend: (input) => signedAnew('card', input),
  run(input) {
    const decoded = decodeCard(input, NOW)
    if (decoded.kind === 'rejected') return decoded.reason
    const { signingKey, dhKey, ...rest } = decoded.card
    promise(utf8(rest.name).length <= MAX_NAME_BYTES, 'a name has its bound')
    promise(rest.addresses.length <= MAX_ADDRESSES, 'addresses have theirs')
    promise(isByAuthor(signingKey), 'nobody else could have signed it')
    const signer = { ...own, dh: { ...own.dh, publicKey: dhKey } }
    promiseSame(encodeCard(signer, rest), input, 'a card has one encoding')
    return `taken: ${rest.invite === undefined ? 'no ' : ''}invite, ${rest.bundle === undefined ? 'no ' : ''}bundle`
  }
}

const certificate: FuzzTarget = {
  name: 'certificate',
  weight: 12,
  samples: [0, 1, Number.MAX_SAFE_INTEGER].map((seq) => encodeCertificate(own, seq)),
  maxLength: 400,
  maxAllocation: DECODER_ALLOCATION,
  mend: (input) => signedAnew('certificate', input),
  run(input) {
    const reader = new Reader(input)
    const read = readCertificate(reader)
    if (read === undefined) return 'refused'
    promise(isByAuthor(read.signingKey), 'nobody else could have signed it')
    const signer = { ...own, dh: { ...own.dh, publicKey: read.dhKey }, incarnation: read.incarnation }
    const used = input.subarray(0, input.length - reader.remaining)
    promiseSame(encodeCertificate(signer, read.seq), used, 'a certificate has one encoding')
    return 'taken'
  }
}

/** Where the capabilities of a bundle begin. */
const CAPABILITIES = bundle.encoded.length - SIGNATURE_BYTES - 2
const capable = signedAnew(
  'bundle',
  joined(
    bundle.encoded.subarray(0, CAPABILITIES),
    Uint8Array.of(0, 5, 1, 2, 3, 4, 5),
    new Uint8Array(SIGNATURE_BYTES)
  )
)

const bundleTarget: FuzzTarget = {
  name: 'bundle',
  weight: 12,
  samples: [bundle.encoded, capable],
  maxLength: MAX_BUNDLE_BYTES + 64,
  maxAllocation: DECODER_ALLOCATION,
  mend: (input) => signedAnew('bundle', input),
  run(input) {
    const decoded = decodeBundle(input)
    if (decoded.kind === 'rejected') return decoded.reason
    const found = decoded.bundle
    promise(isByAuthor(found.signingKey), 'nobody else could have signed it')
    promiseSame(found.encoded, input, 'a bundle is kept as it was signed')
    promise(found.encoded.buffer !== input.buffer, 'a bundle is a copy')
    promiseSame(found.hash, sha256(input), 'a bundle is named by all of its bytes')
    promise(found.notAfter > found.notBefore, 'a bundle has a life')
    const { epoch } = choosePrekey(found, NOW)
    promise(epoch >= found.firstEpoch && epoch < found.firstEpoch + 4, 'a prekey is of the bundle')
    return `taken: ${isBundleExpired(found, NOW) ? 'expired' : 'current'}, ${scaleOf(input.length)}`
  }
}

const WEEK = epochAt(NOW)

const bundleRecord: FuzzTarget = {
  name: 'bundle-record',
  weight: 6,
  samples: [bundle.encoded, capable, new Uint8Array(0), createPerson(0xbeef).bundle.encoded],
  maxLength: MAX_BUNDLE_BYTES + 64,
  maxAllocation: DECODER_ALLOCATION,
  mend: (input) => signedAnew('bundle', input),
  run(input) {
    // What stands inside the seal, by somebody who knows the signing key; and the same as the sealed body.
    const sealed = sealBundleRecord(own.signing.publicKey, WEEK, input, random)
    const opened = openBundleRecord(sealed, own.signing.publicKey, WEEK)
    const { id } = sealed
    const raw = openBundleRecord({ id, body: input }, own.signing.publicKey, WEEK)
    promise(raw === undefined, 'nothing unsealed is opened')
    if (opened === undefined) return 'refused'
    promise(sealed.body.length <= MAX_BUNDLE_RECORD_BYTES, 'a record has its bound')
    promise(isByAuthor(opened.signingKey), 'a record holds the bundle of whom it is named by')
    return 'taken'
  }
}

const records = [1, 2].map((length) => ({ id: random(BUNDLE_ID_BYTES), body: random(length * 20) }))
const ids = Array.from({ length: 16 }, () => random(BUNDLE_ID_BYTES))

const bundleRequest: FuzzTarget = {
  name: 'bundle-request',
  weight: 80,
  samples: [
    { wanted: ids, offered: records },
    { wanted: [], offered: [] },
    { wanted: ids.slice(0, 1), offered: [...records, ...records] }
  ].map((request) => encodeBundleRequest(request).slice()),
  maxLength: 9_000,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const request = decodeBundleRequest(input)
    if (request === undefined) return 'refused'
    promise(request.wanted.length <= 16 && request.offered.length <= 4, 'a request has its bounds')
    promiseSame(encodeBundleRequest(request), input, 'a request has one encoding')
    return `taken: ${scaleOf(request.wanted.length)}, ${scaleOf(request.offered.length)}`
  }
}

const bundleResponse: FuzzTarget = {
  name: 'bundle-response',
  weight: 80,
  samples: [
    [],
    records,
    Array.from({ length: 16 }, () => records)
      .flat()
      .slice(0, 16)
  ].map((some) => encodeBundleResponse(some).slice()),
  maxLength: 40_000,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const found = decodeBundleResponse(input)
    if (found === undefined) return 'refused'
    promise(found.length <= 16, 'a response has its bound')
    promise(
      found.every(({ body }) => body.length <= MAX_BUNDLE_RECORD_BYTES),
      'a record has its bound'
    )
    promiseSame(encodeBundleResponse(found), input, 'a response has one encoding')
    return `taken: ${scaleOf(found.length)}`
  }
}

/** What identities sign, and how bundles travel. */
export const identityTargets: readonly FuzzTarget[] = [
  card,
  certificate,
  bundleTarget,
  bundleRecord,
  bundleRequest,
  bundleResponse
]

import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { sha256 } from '../../crypto/hash.js'
import { sign, verify } from '../../crypto/signature.js'
import { INCARNATION_BYTES, type OwnIdentity, type PublicIdentity } from '../identity/identity.js'
import { readKey, writeKey } from '../key-tag.js'
import { label } from '../labels.js'
import { BUNDLE_EPOCHS, CLOCK_TOLERANCE_DAYS, DAY_MS, EPOCH_SECONDS, MAX_BUNDLE_BYTES } from '../limits.js'
import { reject, type Rejected } from '../rejection.js'

const VERSION = 1
/** X25519 + ML-KEM-768 + ChaCha20-Poly1305 + SHA-256. 2 is reserved for ML-KEM-1024. */
export const SUITE = 1
const SIGNATURE_BYTES = 64
/** The capability of the post-quantum ratchet. */
export const PQ_RATCHET = 1
/** What a bundle of this implementation announces. */
export const OWN_CAPABILITIES = Uint8Array.of(PQ_RATCHET)

/** What someone needs to write to an identity that is not there: its signed prekeys (PQXDH §2.2). */
export interface Bundle extends PublicIdentity {
  readonly incarnation: Uint8Array
  /** Grows with every issue: the newest wins. */
  readonly seq: number
  /** Epoch ms. */
  readonly notBefore: number
  readonly notAfter: number
  /** Epoch of the first signed prekey; the others follow week by week. */
  readonly firstEpoch: number
  /** X25519 public keys, one per epoch. */
  readonly signedPrekeys: readonly Uint8Array[]
  /** ML-KEM-768 public key. */
  readonly kemPrekey: Uint8Array
  /** One byte each: what its owner understands beyond the first version. */
  readonly capabilities: Uint8Array
  /** SHA-256 of the encoded bundle: both sides bind it into the session. */
  readonly hash: Uint8Array
  /** The bundle as signed. */
  readonly encoded: Uint8Array
}

type BundleFields = Omit<Bundle, 'hash' | 'encoded'>

function writeFields(fields: BundleFields): Uint8Array {
  const writer = new Writer(MAX_BUNDLE_BYTES).u8(VERSION).u8(SUITE)
  writeKey(writer, 'ed25519', fields.signingKey)
  writeKey(writer, 'x25519', fields.dhKey)
  writer
    .bytes(fields.incarnation)
    .u64(fields.seq)
    .u64(fields.notBefore)
    .u64(fields.notAfter)
    .u32(fields.firstEpoch)
  for (const key of fields.signedPrekeys) writeKey(writer, 'x25519', key)
  return writeKey(writer, 'mlkem768', fields.kemPrekey).prefixed(fields.capabilities).finish()
}

function signedInput(fields: Uint8Array): Uint8Array {
  return new Writer(MAX_BUNDLE_BYTES).bytes(label('bundle')).bytes(fields).finish()
}

/** Sign a bundle: `ver‖suite‖IKs‖IKd‖incarnation‖seq‖notBefore‖notAfter‖e0‖4 SPK‖PQSPK‖caps‖signature`, about 1.5 kB. */
export function issueBundle(
  own: OwnIdentity,
  fields: Omit<BundleFields, 'signingKey' | 'dhKey' | 'incarnation'>
): Uint8Array {
  const encoded = writeFields({
    ...fields,
    signingKey: own.signing.publicKey,
    dhKey: own.dh.publicKey,
    incarnation: own.incarnation
  })
  return new Writer(MAX_BUNDLE_BYTES)
    .bytes(encoded)
    .bytes(sign(signedInput(encoded), own.signing.secretKey))
    .finish()
}

export type DecodedBundle =
  | { readonly kind: 'decoded'; readonly bundle: Bundle }
  | Rejected<'malformed' | 'unsupported' | 'bad-signature'>

/** The bundle in `bytes`, its signature checked; says nothing of expiry. */
export function decodeBundle(bytes: Uint8Array): DecodedBundle {
  const parsed = parseBundle(bytes)
  if (parsed.kind === 'rejected') return parsed
  const { encoded, signingKey } = parsed.bundle
  const signed = encoded.subarray(0, encoded.length - SIGNATURE_BYTES)
  const signature = encoded.subarray(encoded.length - SIGNATURE_BYTES)
  return verify(signature, signedInput(signed), signingKey) ? parsed : reject('bad-signature')
}

/** The bundle in bytes whose signature was checked before: those the own store holds. */
export function parseBundle(bytes: Uint8Array): DecodedBundle {
  if (bytes.length > MAX_BUNDLE_BYTES) return reject('malformed')
  const encoded = bytes.slice()
  const reader = new Reader(encoded)
  if (reader.u8() !== VERSION || reader.u8() !== SUITE)
    return reject(reader.failed ? 'malformed' : 'unsupported')
  const signingKey = readKey(reader, 'ed25519')
  const dhKey = readKey(reader, 'x25519')
  const incarnation = reader.bytes(INCARNATION_BYTES).slice()
  const seq = reader.u64()
  const notBefore = reader.u64()
  const notAfter = reader.u64()
  const firstEpoch = reader.u32()
  const signedPrekeys: Uint8Array[] = []
  for (let index = 0; index < BUNDLE_EPOCHS; index++) {
    const key = readKey(reader, 'x25519')
    if (key !== undefined) signedPrekeys.push(key)
  }
  const kemPrekey = readKey(reader, 'mlkem768')
  const capabilities = reader.prefixed(MAX_BUNDLE_BYTES).slice()
  reader.bytes(SIGNATURE_BYTES)
  if (!reader.finished() || signingKey === undefined || dhKey === undefined || kemPrekey === undefined)
    return reject('malformed')
  if (signedPrekeys.length !== BUNDLE_EPOCHS || notAfter <= notBefore) return reject('malformed')
  const keys = {
    signingKey,
    dhKey,
    incarnation,
    seq,
    notBefore,
    notAfter,
    firstEpoch,
    signedPrekeys,
    kemPrekey,
    capabilities
  }
  return { kind: 'decoded', bundle: { ...keys, hash: sha256(encoded), encoded } }
}

/** The epoch of a moment. */
export function epochAt(now: number): number {
  return Math.max(0, Math.floor(now / 1000 / EPOCH_SECONDS))
}

/** Whether the bundle's life is over, beyond what a wrong clock explains. */
export function isBundleExpired(bundle: Bundle, now: number): boolean {
  return now > bundle.notAfter + CLOCK_TOLERANCE_DAYS * DAY_MS
}

/** The signed prekey to use now: this week's, or the nearest the bundle has when a clock is wrong or the bundle is stale. */
export function choosePrekey(
  bundle: Bundle,
  now: number
): { readonly epoch: number; readonly key: Uint8Array } {
  const index = Math.min(Math.max(epochAt(now) - bundle.firstEpoch, 0), bundle.signedPrekeys.length - 1)
  const key = bundle.signedPrekeys[index]
  if (key === undefined) throw new RangeError('A bundle has signed prekeys')
  return { epoch: bundle.firstEpoch + index, key }
}

import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { NONCE_BYTES, open, seal } from '../../crypto/aead.js'
import { hkdf } from '../../crypto/kdf.js'
import type { RandomSource } from '../../crypto/random.js'
import { label } from '../labels.js'
import { MAX_BUNDLE_BYTES } from '../limits.js'
import { compareBytes } from '../compare-bytes.js'
import { decodeBundle, epochAt, parseBundle, type Bundle } from './bundle.js'

/** Bytes of a record id. */
export const BUNDLE_ID_BYTES = 32
/** Largest sealed record, bytes. */
export const MAX_BUNDLE_RECORD_BYTES = NONCE_BYTES + MAX_BUNDLE_BYTES + 16

/**
 * A bundle as any node may keep it: found and opened only by who already knows the identity's signing key
 * (the id and the key derive from it and the week).
 */
export interface BundleRecord {
  readonly id: Uint8Array
  /** `nonce 12 ‖ sealed bundle` */
  readonly body: Uint8Array
}

function week(epoch: number): Uint8Array {
  return new Writer(4).u32(epoch).finish()
}

/** HKDF(IKs, "bundle/id" ‖ week). */
export function bundleRecordId(signingKey: Uint8Array, epoch: number): Uint8Array {
  const input = new Writer().bytes(label('bundle/id')).bytes(week(epoch)).finish()
  return hkdf(signingKey, new Uint8Array(32), input, BUNDLE_ID_BYTES)
}

function recordKey(signingKey: Uint8Array, epoch: number): Uint8Array {
  const input = new Writer().bytes(label('bundle/key')).bytes(week(epoch)).finish()
  return hkdf(signingKey, new Uint8Array(32), input, 32)
}

/** Weeks whose records are worth asking for: this one, and its neighbours for clocks and late arrivals. */
export function lookupWeeks(now: number): readonly number[] {
  const epoch = epochAt(now)
  return epoch === 0 ? [0, 1] : [epoch, epoch - 1, epoch + 1]
}

/** Where records of an identity lie that are of one week. */
export interface BundlePlace {
  readonly week: number
  readonly id: Uint8Array
}

/** The places worth asking for, see {@link lookupWeeks}. */
export function lookupPlaces(signingKey: Uint8Array, now: number): readonly BundlePlace[] {
  return lookupWeeks(now).map((epoch) => ({ week: epoch, id: bundleRecordId(signingKey, epoch) }))
}

export function sealBundleRecord(
  signingKey: Uint8Array,
  epoch: number,
  bundle: Uint8Array,
  random: RandomSource
): BundleRecord {
  const id = bundleRecordId(signingKey, epoch)
  const nonce = random(NONCE_BYTES)
  const body = seal(recordKey(signingKey, epoch), nonce, bundle, id)
  return { id, body: new Writer(nonce.length + body.length).bytes(nonce).bytes(body).finish() }
}

/**
 * The bundle in a record, if it is this identity's and its signature holds. `known` is one whose signature was checked before: most records
 * hold what is known, and a signature is the dearest part of them.
 */
export function openBundleRecord(
  record: BundleRecord,
  signingKey: Uint8Array,
  epoch: number,
  known?: Uint8Array
): Bundle | undefined {
  const reader = new Reader(record.body)
  const nonce = reader.bytes(NONCE_BYTES)
  if (reader.failed || record.body.length > MAX_BUNDLE_RECORD_BYTES) return undefined
  const bytes = open(recordKey(signingKey, epoch), nonce, reader.rest(), record.id)
  if (bytes === undefined) return undefined
  const isKnown = known !== undefined && compareBytes(bytes, known) === 0
  const decoded = isKnown ? parseBundle(bytes) : decodeBundle(bytes)
  if (decoded.kind === 'rejected') return undefined
  const { bundle } = decoded
  return bundle.signingKey.every((byte, index) => byte === signingKey[index]) ? bundle : undefined
}

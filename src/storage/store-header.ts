import { Reader } from '../codec/reader.js'
import { Writer } from '../codec/writer.js'
import { KEY_BYTES, NONCE_BYTES, open, seal, TAG_BYTES } from '../crypto/aead.js'
import { equalBytes, wipe } from '../crypto/wipe.js'
import { hkdf, isScryptCost, passwordKey, type ScryptCost } from '../crypto/kdf.js'
import { sha256 } from '../crypto/hash.js'
import type { RandomSource } from '../crypto/random.js'
import { MessengerError } from '../errors.js'
import { STORE_KEY_BYTES } from './key-file.js'

/** What opens a sealed store: 32 random bytes kept elsewhere, or something a person remembers. */
export type Unlock = (
  | { readonly kind: 'key'; readonly key: Uint8Array }
  | { readonly kind: 'passphrase'; readonly passphrase: string }
) & {
  /** 32 random bytes that are needed too, kept where they can be destroyed. */
  readonly part?: Uint8Array
}

/** Bytes of a store id. */
export const STORE_ID_BYTES = 16

const MAGIC = Uint8Array.of(0x48, 0x41, 0x4c, 0x53) // "HALS"
const FORMAT = 1
const KDF_KEY = 0
const KDF_SCRYPT = 1
const SALT_BYTES = 16
const WRAPPED_BYTES = KEY_BYTES + TAG_BYTES
const CHECKSUM_BYTES = 8
const WRAP_LABEL = new TextEncoder().encode('hallig/1/store/wrap')

/** How the wrapping key comes from what the person has. */
type KeyDerivation =
  | { readonly kind: 'key' }
  | { readonly kind: 'passphrase'; readonly cost: ScryptCost; readonly salt: Uint8Array }

/** What the header says in plain. */
export interface StoreHeader {
  /** Version of the records' layout. */
  readonly schema: number
  /** 16 random bytes that bind every record to this store. */
  readonly storeId: Uint8Array
}

interface WrappedHeader extends StoreHeader {
  readonly derivation: KeyDerivation
  readonly nonce: Uint8Array
  readonly wrapped: Uint8Array
}

/**
 * `"HALS" ‖ format u8 ‖ schema u32 ‖ store id 16 ‖ derivation ‖ nonce 12 ‖ master key, sealed 48 ‖ checksum 8`, where the
 * derivation is `0` for a key or `1 ‖ log2 N u8 ‖ r u8 ‖ p u8 ‖ salt 16` for a passphrase through scrypt. Everything
 * before the nonce is associated data of the seal. The checksum tells a damaged header from a wrong key. The wrapping key comes by
 * HKDF-SHA-256 from the key, or what scrypt made; its salt is the store id, and behind that the part kept elsewhere, if there is one.
 */
export function encodeHeader(
  { schema, storeId }: StoreHeader,
  masterKey: Uint8Array,
  unlock: Unlock,
  cost: ScryptCost,
  random: RandomSource
): Uint8Array {
  const derivation: KeyDerivation =
    unlock.kind === 'key' ? { kind: 'key' } : { kind: 'passphrase', cost, salt: random(SALT_BYTES) }
  const prefix = encodePrefix({ schema, storeId, derivation })
  const wrappingKey = deriveWrappingKey(storeId, derivation, unlock)
  const nonce = random(NONCE_BYTES)
  const wrapped = seal(wrappingKey, nonce, masterKey, prefix)
  wipe(wrappingKey)
  const checksum = sha256(prefix, nonce, wrapped).subarray(0, CHECKSUM_BYTES)
  return new Writer().bytes(prefix).bytes(nonce).bytes(wrapped).bytes(checksum).finish()
}

/** The header, or an error: `STORE_DAMAGED`, or `STORE_TOO_NEW` if its format is not one this version knows. */
export function decodeHeader(bytes: Uint8Array): WrappedHeader {
  const reader = new Reader(bytes)
  if (!equalBytes(reader.bytes(MAGIC.length), MAGIC)) throw damagedHeader()
  const checksum = bytes.subarray(-CHECKSUM_BYTES)
  if (!equalBytes(sha256(bytes.subarray(0, -CHECKSUM_BYTES)).subarray(0, CHECKSUM_BYTES), checksum)) {
    throw damagedHeader()
  }
  const format = reader.u8()
  if (format > FORMAT) throw tooNew()
  if (format !== FORMAT) throw damagedHeader()
  const schema = reader.u32()
  const storeId = reader.bytes(STORE_ID_BYTES)
  const derivation = decodeDerivation(reader)
  const nonce = reader.bytes(NONCE_BYTES)
  const wrapped = reader.bytes(WRAPPED_BYTES)
  reader.bytes(CHECKSUM_BYTES)
  if (derivation === undefined || !reader.finished()) throw damagedHeader()
  return { schema, storeId, derivation, nonce, wrapped }
}

/** The master key. Throws `WRONG_KEY`. */
export function unwrapMasterKey(header: WrappedHeader, unlock: Unlock): Uint8Array {
  checkUnlock(unlock)
  if (header.derivation.kind !== unlock.kind) throw otherKindOfKey(header.derivation.kind)
  const wrappingKey = deriveWrappingKey(header.storeId, header.derivation, unlock)
  const masterKey = open(wrappingKey, header.nonce, header.wrapped, encodePrefix(header))
  wipe(wrappingKey)
  if (masterKey !== undefined) return masterKey
  const hint =
    unlock.kind === 'key' ? 'use the key file it was made with' : 'check the passphrase and try again'
  throw new MessengerError('WRONG_KEY', `This key does not open the store: ${hint}`)
}

/** Throws `OPTIONS_INVALID` unless this can lock a store. */
export function checkUnlock(unlock: Unlock): void {
  if (unlock.kind === 'key' && unlock.key.length !== STORE_KEY_BYTES) {
    throw new MessengerError('OPTIONS_INVALID', `A store key has ${STORE_KEY_BYTES} bytes`)
  }
  if (unlock.part !== undefined && unlock.part.length !== STORE_KEY_BYTES) {
    throw new MessengerError('OPTIONS_INVALID', `The part of a store key has ${STORE_KEY_BYTES} bytes`)
  }
  if (unlock.kind === 'passphrase' && unlock.passphrase === '') {
    throw new MessengerError('OPTIONS_INVALID', 'The passphrase is empty')
  }
}

/** The store was written by a later version of Hallig. */
export function tooNew(): MessengerError {
  return new MessengerError(
    'STORE_TOO_NEW',
    'This store was written by a newer Hallig: update this one to open it'
  )
}

function encodePrefix({ schema, storeId, derivation }: Omit<WrappedHeader, 'nonce' | 'wrapped'>): Uint8Array {
  const writer = new Writer().bytes(MAGIC).u8(FORMAT).u32(schema).bytes(storeId)
  if (derivation.kind === 'key') return writer.u8(KDF_KEY).finish()
  const { cost, salt } = derivation
  return writer.u8(KDF_SCRYPT).u8(Math.log2(cost.N)).u8(cost.r).u8(cost.p).bytes(salt).finish()
}

function decodeDerivation(reader: Reader): KeyDerivation | undefined {
  const kind = reader.u8()
  if (kind === KDF_KEY) return { kind: 'key' }
  if (kind !== KDF_SCRYPT) return undefined
  const cost = { N: 2 ** reader.u8(), r: reader.u8(), p: reader.u8() }
  const salt = reader.bytes(SALT_BYTES)
  // A forged header asks for no more than a true one could.
  return isScryptCost(cost) ? { kind: 'passphrase', cost, salt } : undefined
}

function deriveWrappingKey(storeId: Uint8Array, derivation: KeyDerivation, unlock: Unlock): Uint8Array {
  const secret = secretOf(derivation, unlock)
  const salt = new Uint8Array([...storeId, ...(unlock.part ?? [])])
  const wrappingKey = hkdf(secret, salt, WRAP_LABEL, KEY_BYTES)
  wipe(secret, salt)
  return wrappingKey
}

function secretOf(derivation: KeyDerivation, unlock: Unlock): Uint8Array {
  if (unlock.kind === 'key') return unlock.key.slice()
  if (derivation.kind === 'key') throw otherKindOfKey('key')
  return passwordKey(unlock.passphrase, derivation.salt, derivation.cost)
}

function otherKindOfKey(kind: KeyDerivation['kind']): MessengerError {
  const needed = kind === 'key' ? 'a key file, not a passphrase' : 'a passphrase, not a key file'
  return new MessengerError('WRONG_KEY', `This store opens with ${needed}`)
}

/** `STORE_DAMAGED`: without its header nothing in a store can be read. */
export function damagedHeader(cause?: unknown): MessengerError {
  return new MessengerError(
    'STORE_DAMAGED',
    'The header of the store is damaged: restore the store from a backup',
    { cause }
  )
}

import { hmacSha256, hmacSha512Numbers, sha256, sha256Pieces } from '../../crypto/hash.js'
import { hkdfBoundKey, hkdfExpand, hkdfThreeKeys } from '../../crypto/kdf.js'
import { TAG_BYTES } from '../envelope/envelope.js'
import { label } from '../labels.js'

const KEY_BYTES = 32
const MESSAGE_KEY_CONSTANT = new Uint8Array([1])
const CHAIN_KEY_CONSTANT = new Uint8Array([2])
const NO_PQ_KEY = new Uint8Array(KEY_BYTES)
/** Tags one HMAC-SHA512 yields: messages 4b … 4b + 3 are block b. */
export const TAGS_PER_BLOCK = 4

/** What opens headers of a chain and recognises its messages; the header key itself is not kept. */
export interface HeaderKeys {
  readonly header: Uint8Array
  readonly tag: Uint8Array
}

/** HKDF-Expand(HK, "dr/header") and HKDF-Expand(HK, "dr/tag"). */
export function headerKeys(headerKey: Uint8Array): HeaderKeys {
  return {
    header: hkdfExpand(headerKey, label('dr/header'), KEY_BYTES),
    tag: hkdfExpand(headerKey, label('dr/tag'), KEY_BYTES)
  }
}

/** KDF_RK_HE: HKDF-SHA256(salt = root key, ikm = DH output, "dr/root") → root key, chain key, next header key (Double Ratchet §4.3). */
export function rootStep(
  rootKey: Uint8Array,
  dhOutput: Uint8Array
): { readonly rootKey: Uint8Array; readonly chainKey: Uint8Array; readonly nextHeaderKeys: HeaderKeys } {
  const [nextRootKey, chainKey, headerKey] = hkdfThreeKeys(dhOutput, rootKey, label('dr/root'))
  const nextHeaderKeys = headerKeys(headerKey)
  headerKey.fill(0)
  return { rootKey: nextRootKey, chainKey, nextHeaderKeys }
}

/** KDF_CK: the next chain key. */
export function nextChainKey(chainKey: Uint8Array): Uint8Array {
  return hmacSha256(chainKey, CHAIN_KEY_CONSTANT)
}

/** KDF_CK and the key of the message: HKDF-SHA256(salt = post-quantum key or zeros, ikm = mk, "dr/message" ‖ session id). */
export function messageKey(
  chainKey: Uint8Array,
  sessionId: Uint8Array,
  pqKey: Uint8Array = NO_PQ_KEY
): Uint8Array {
  const inputKey = hmacSha256(chainKey, MESSAGE_KEY_CONSTANT)
  const key = hkdfBoundKey(inputKey, pqKey, label('dr/message'), sessionId)
  inputKey.fill(0)
  return key
}

/** The secrets of the tags of a block, b the number of the block: HMAC-SHA512(tag key, u32(b)). Only the two ends know them; releasing one proves delivery. */
export function tagSecrets(tagKey: Uint8Array, n: number): Uint8Array {
  return hmacSha512Numbers(tagKey, blockOf(n), 1)
}

function blockOf(n: number): number {
  return Math.floor(n / TAGS_PER_BLOCK)
}

/** Where the secret of a tag is put behind its label: a start hashes millions of them. */
const TAG_LABEL = label('tag')
const tagInput = Uint8Array.of(...TAG_LABEL, ...new Uint8Array(TAG_BYTES))
const SECRET_OFFSET = TAG_LABEL.length

/** The 32 bytes that begin with the tag of message `n`, of the secrets of its block. */
export function tagHash(secrets: Uint8Array, n: number): Uint8Array {
  const offset = (n % TAGS_PER_BLOCK) * TAG_BYTES
  for (let at = 0; at < TAG_BYTES; at++) tagInput[SECRET_OFFSET + at] = secrets[offset + at] ?? 0
  const hash = sha256(tagInput)
  tagInput.fill(0, SECRET_OFFSET)
  return hash
}

function tagOfSecret(secrets: Uint8Array, n: number): Uint8Array {
  return tagHash(secrets, n).slice(0, TAG_BYTES)
}

/** The tag of an envelope, of its own secret: SHA-256("tag" ‖ secret)[0..16). Whoever has the secret may delete the envelope. */
export function tagOfPurge(secret: Uint8Array): Uint8Array {
  return sha256(TAG_LABEL, secret).slice(0, TAG_BYTES)
}

/** The secret of the tag of message `n`, of the secrets of its block. */
export function tagSecret(secrets: Uint8Array, n: number): Uint8Array {
  const offset = (n % TAGS_PER_BLOCK) * TAG_BYTES
  return secrets.slice(offset, offset + TAG_BYTES)
}

/** The secrets of the block that a sending chain is at, by its tag key: they go when the key goes. */
const currentSecrets = new WeakMap<Uint8Array, { readonly block: number; readonly secrets: Uint8Array }>()

/** The tag of message `n` of a chain, to be sent: of four in a row one pays for the HMAC. */
export function chainTag(tagKey: Uint8Array, n: number): Uint8Array {
  // Most chains of a conversation in turns have one message.
  if (n === 0) return tagOfSecret(tagSecrets(tagKey, n), n)
  const block = blockOf(n)
  const known = currentSecrets.get(tagKey)
  if (known?.block === block) return tagOfSecret(known.secrets, n)
  const secrets = tagSecrets(tagKey, n)
  currentSecrets.set(tagKey, { block, secrets })
  return tagOfSecret(secrets, n)
}

/** The tags of messages `from` … `to - 1` of a chain, as views of one array: a jump holds two thousand. */
export function chainTags(tagKey: Uint8Array, from: number, to: number): Uint8Array[] {
  const bytes = tagStarts(tagKey, from, to, TAG_BYTES)
  return Array.from({ length: bytes.length / TAG_BYTES }, (_, index) =>
    bytes.subarray(index * TAG_BYTES, (index + 1) * TAG_BYTES)
  )
}

/** The first `kept` bytes of each tag of messages `from` … `to - 1` of a chain, one after the other. */
export function tagStarts(tagKey: Uint8Array, from: number, to: number, kept: number): Uint8Array {
  if (to <= from) return new Uint8Array(0)
  const { first, count } = blocksOf(from, to)
  const secrets = hmacSha512Numbers(tagKey, first, count)
  const offset = (from % TAGS_PER_BLOCK) * TAG_BYTES
  const starts = startsOfSecrets(secrets.subarray(offset, offset + (to - from) * TAG_BYTES), kept)
  secrets.fill(0)
  return starts
}

/** The blocks with messages `from` … `to - 1`: whose HMACs are the secrets of the tags. */
export function blocksOf(from: number, to: number): { readonly first: number; readonly count: number } {
  const first = blockOf(from)
  return { first, count: blockOf(to - 1) - first + 1 }
}

/** The first `kept` bytes of the tag of each of these secrets, one after the other. */
export function startsOfSecrets(secrets: Uint8Array, kept: number): Uint8Array {
  return sha256Pieces(TAG_LABEL, secrets, TAG_BYTES, kept)
}

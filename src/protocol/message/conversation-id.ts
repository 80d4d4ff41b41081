import { encodeConversationId, ID_BYTES, type ConversationId } from '../../codec/ids.js'
import { sha256 } from '../../crypto/hash.js'
import { compareBytes } from '../compare-bytes.js'
import { label } from '../labels.js'

/** The conversation of two identities: SHA-256 over both signing keys, the smaller first, cut to 20 bytes. */
export function directConversationId(one: Uint8Array, other: Uint8Array): ConversationId {
  const keys = [one, other].sort(compareBytes)
  return encodeConversationId(sha256(label('conversation'), ...keys).slice(0, ID_BYTES))
}

import { Writer } from '../../codec/writer.js'
import { hmacSha256 } from '../../crypto/hash.js'
import { hkdf } from '../../crypto/kdf.js'
import { wipe } from '../../crypto/wipe.js'
import { label } from '../labels.js'

const KEY_BYTES = 32
/** Bytes of the MAC under an offer and under an answer. */
export const MAC_BYTES = 32
const ZERO_SALT = new Uint8Array(KEY_BYTES)

/** A key of the post-quantum ratchet: the salt of the message keys of every chain that names its epoch. */
export interface EpochKey {
  /** From 1; chains of epoch 0 have no such key. */
  readonly epoch: number
  readonly key: Uint8Array
}

/** What authenticates offers and answers: begins with the handshake and takes in the secret of every epoch. */
export interface Authenticator {
  readonly chainKey: Uint8Array
  readonly macKey: Uint8Array
}

/** C₀ ‖ M₀ = HKDF(SK, "pq/init" ‖ session id): from the secret of the handshake, which had an ML-KEM key in it. */
export function firstAuthenticator(secretKey: Uint8Array, sessionId: Uint8Array): Authenticator {
  const info = new Writer(64).bytes(label('pq/init')).bytes(sessionId).finish()
  const output = hkdf(secretKey, ZERO_SALT, info, 2 * KEY_BYTES)
  return { chainKey: output.slice(0, KEY_BYTES), macKey: output.slice(KEY_BYTES) }
}

/** What both sides know of an exchange once its ciphertext has been made and opened. */
export interface EpochExchange {
  readonly epoch: number
  /** ML-KEM-768 encapsulation key. */
  readonly publicKey: Uint8Array
  /** ML-KEM-768 ciphertext. */
  readonly ciphertext: Uint8Array
  readonly sharedSecret: Uint8Array
}

/** Cₙ ‖ Mₙ ‖ Kₙ = HKDF(SS, salt = Cₙ₋₁, "pq/epoch" ‖ u16(n) ‖ ek ‖ ct): the next authenticator and the key of the epoch. Wipes SS. */
export function epochStep(
  authenticator: Authenticator,
  exchange: EpochExchange
): { readonly authenticator: Authenticator; readonly epochKey: EpochKey } {
  const { epoch, publicKey, ciphertext, sharedSecret } = exchange
  const info = new Writer(2400).bytes(label('pq/epoch')).u16(epoch).bytes(publicKey).bytes(ciphertext)
  const output = hkdf(sharedSecret, authenticator.chainKey, info.finish(), 3 * KEY_BYTES)
  wipe(sharedSecret)
  return {
    authenticator: {
      chainKey: output.slice(0, KEY_BYTES),
      macKey: output.slice(KEY_BYTES, 2 * KEY_BYTES)
    },
    epochKey: { epoch, key: output.slice(2 * KEY_BYTES) }
  }
}

function u16(value: number): Uint8Array {
  return new Writer(2).u16(value).finish()
}

/** The MAC of an offer, under what was agreed before it: HMAC-SHA256(Mₙ₋₁, "pq/offer" ‖ u16(n) ‖ ek). */
export function offerMac({ macKey }: Authenticator, epoch: number, publicKey: Uint8Array): Uint8Array {
  return hmacSha256(macKey, label('pq/offer'), u16(epoch), publicKey)
}

/** The MAC of an answer, which only who has the secret can make: HMAC-SHA256(Mₙ, "pq/answer" ‖ u16(n) ‖ ct). */
export function answerMac({ macKey }: Authenticator, epoch: number, ciphertext: Uint8Array): Uint8Array {
  return hmacSha256(macKey, label('pq/answer'), u16(epoch), ciphertext)
}

import { encodeIdentityId, ID_BYTES, type IdentityId } from '../../codec/ids.js'
import { Writer } from '../../codec/writer.js'
import { generateDhKeyPair, type DhKeyPair } from '../../crypto/dh.js'
import { sha256 } from '../../crypto/hash.js'
import type { RandomSource } from '../../crypto/random.js'
import { generateSigningKeyPair, type SigningKeyPair } from '../../crypto/signature.js'
import { writeKey } from '../key-tag.js'
import { label } from '../labels.js'

/** Bytes of an incarnation. */
export const INCARNATION_BYTES = 16

/** The public half of an identity. Two keys, because no proof covers one key used for signing and for X25519. */
export interface PublicIdentity {
  /** Ed25519, 32 bytes: signs certificates, bundles and cards. */
  readonly signingKey: Uint8Array
  /** X25519, 32 bytes: takes part in handshakes. */
  readonly dhKey: Uint8Array
}

/** This device's identity, as the store keeps it. */
export interface OwnIdentity {
  readonly signing: SigningKeyPair
  readonly dh: DhKeyPair
  /** 16 random bytes, new whenever the state was lost, restored or cloned. */
  readonly incarnation: Uint8Array
}

export function generateIdentity(random: RandomSource): OwnIdentity {
  return {
    signing: generateSigningKeyPair(random),
    dh: generateDhKeyPair(random),
    incarnation: random(INCARNATION_BYTES)
  }
}

export function publicIdentity(own: OwnIdentity): PublicIdentity {
  return { signingKey: own.signing.publicKey, dhKey: own.dh.publicKey }
}

/** The stable name of an identity: it outlives a change of the X25519 key, which is reported as an identity change. */
export function identityId(signingKey: Uint8Array): IdentityId {
  return encodeIdentityId(sha256(label('identity'), signingKey).slice(0, ID_BYTES))
}

/** SHA-256 over both public keys: what two people compare, as a safety number. */
export function fingerprint(identity: PublicIdentity): Uint8Array {
  const writer = new Writer()
  writeKey(writer, 'ed25519', identity.signingKey)
  writeKey(writer, 'x25519', identity.dhKey)
  return sha256(label('fingerprint'), writer.finish())
}

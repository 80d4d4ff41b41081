import { Writer } from '../../codec/writer.js'
import { diffieHellman, generateDhKeyPair, type DhKeyPair } from '../../crypto/dh.js'
import { sha256 } from '../../crypto/hash.js'
import { decapsulate, encapsulate, type KemKeyPair } from '../../crypto/kem.js'
import { hkdf } from '../../crypto/kdf.js'
import type { RandomSource } from '../../crypto/random.js'
import { wipe } from '../../crypto/wipe.js'
import type { Certificate } from '../identity/certificate.js'
import { publicIdentity, type OwnIdentity, type PublicIdentity } from '../identity/identity.js'
import { writeKey } from '../key-tag.js'
import { label } from '../labels.js'
import { beginPqRatchet } from '../post-quantum/pq-ratchet.js'
import { PQ_RATCHET, type Bundle } from '../prekeys/bundle.js'
import { reject, type Rejected } from '../rejection.js'
import { headerKeys, rootStep } from '../ratchet/kdf.js'
import type { Session } from '../ratchet/session.js'

const KEY_BYTES = 32
/** PQXDH §2.1: 32 bytes 0xFF before the Diffie-Hellman outputs, so that the input is no X25519 key. */
const CURVE_PREFIX = new Uint8Array(KEY_BYTES).fill(0xff)
const ZERO_SALT = new Uint8Array(KEY_BYTES)

/** What the initiator sends for the recipient to compute the same secret. */
export interface Exchange {
  readonly ephemeralKey: Uint8Array
  readonly kemCiphertext: Uint8Array
}

interface Secrets {
  readonly rootKey: Uint8Array
  readonly initiatorHeaderKey: Uint8Array
  readonly recipientHeaderKey: Uint8Array
  /** SK itself, for the post-quantum ratchet; to be wiped. */
  readonly secretKey: Uint8Array
}

/** SK = HKDF(F ‖ DH1 ‖ DH2 ‖ DH3 ‖ [DH4] ‖ SS); from it the first root key and the two first header keys (Double Ratchet §4.3). */
function sharedSecrets(
  agreements: readonly (Uint8Array | undefined)[],
  kemSecret: Uint8Array
): Secrets | undefined {
  const writer = new Writer().bytes(CURVE_PREFIX)
  for (const agreement of agreements) {
    if (agreement === undefined) return undefined
    writer.bytes(agreement)
  }
  const input = writer.bytes(kemSecret).finish()
  const secretKey = hkdf(input, ZERO_SALT, label('pqxdh'), KEY_BYTES)
  const output = hkdf(secretKey, ZERO_SALT, label('dr/init'), 3 * KEY_BYTES)
  wipe(input)
  return {
    rootKey: output.slice(0, KEY_BYTES),
    initiatorHeaderKey: output.slice(KEY_BYTES, 2 * KEY_BYTES),
    recipientHeaderKey: output.slice(2 * KEY_BYTES),
    secretKey
  }
}

/** Names an exchange: a hello with the same one belongs to the same session. */
export function exchangeHash(exchange: Exchange): Uint8Array {
  return sha256(label('session'), exchange.ephemeralKey, exchange.kemCiphertext)
}

/**
 * Binds both identities, the KEM key and the whole bundle (PQXDH §3.3 and §4.9); and that both have the post-quantum ratchet, so that nobody can
 * take that out of a hello.
 */
function associatedData(
  initiator: PublicIdentity,
  recipient: PublicIdentity,
  kemPrekey: Uint8Array,
  bundleHash: Uint8Array,
  pqRatchet: boolean
): Uint8Array {
  const writer = new Writer(2048)
  for (const identity of [initiator, recipient]) {
    writeKey(writer, 'ed25519', identity.signingKey)
    writeKey(writer, 'x25519', identity.dhKey)
  }
  writeKey(writer, 'mlkem768', kemPrekey).bytes(bundleHash)
  if (pqRatchet) writer.u8(PQ_RATCHET)
  return sha256(label('ad'), writer.finish())
}

export interface InitiatorInput {
  readonly own: OwnIdentity
  readonly bundle: Bundle
  /** The signed prekey chosen from the bundle. */
  readonly signedPrekey: Uint8Array
  /** The one-time key of an invite. */
  readonly oneTimeKey?: Uint8Array
  readonly generation: number
  readonly now: number
}

export type Initiated =
  { readonly kind: 'initiated'; readonly session: Session; readonly exchange: Exchange } | Rejected<'bad-key'>

/** The initiator's side (PQXDH §3.3): a session that can encrypt at once. */
export function initiateSession(input: InitiatorInput, random: RandomSource): Initiated {
  const { own, bundle, signedPrekey, oneTimeKey } = input
  const ephemeral = generateDhKeyPair(random)
  const kem = encapsulate(bundle.kemPrekey, random)
  if (kem === undefined) return reject('bad-key')
  const agreements = [
    diffieHellman(own.dh.secretKey, signedPrekey),
    diffieHellman(ephemeral.secretKey, bundle.dhKey),
    diffieHellman(ephemeral.secretKey, signedPrekey),
    ...(oneTimeKey === undefined ? [] : [diffieHellman(ephemeral.secretKey, oneTimeKey)])
  ]
  const secrets = sharedSecrets(agreements, kem.sharedSecret)
  if (secrets === undefined) return reject('bad-key')
  const ownRatchetKey = generateDhKeyPair(random)
  const first = diffieHellman(ownRatchetKey.secretKey, signedPrekey)
  if (first === undefined) return reject('bad-key')
  const step = rootStep(secrets.rootKey, first)
  const exchange = { ephemeralKey: ephemeral.publicKey, kemCiphertext: kem.ciphertext }
  const id = exchangeHash(exchange)
  const pqRatchet = bundle.capabilities.includes(PQ_RATCHET)
  const pq = pqRatchet ? { pq: beginPqRatchet('initiator', secrets.secretKey, id, input.now) } : {}
  wipe(ephemeral.secretKey, kem.sharedSecret, secrets.secretKey)
  return {
    kind: 'initiated',
    exchange,
    session: {
      id,
      associatedData: associatedData(publicIdentity(own), bundle, bundle.kemPrekey, bundle.hash, pqRatchet),
      generation: input.generation,
      createdAt: input.now,
      ownIncarnation: own.incarnation,
      theirIncarnation: bundle.incarnation,
      rootKey: step.rootKey,
      ownRatchetKey,
      theirRatchetKey: signedPrekey,
      sending: { chainKey: step.chainKey, headerKeys: headerKeys(secrets.initiatorHeaderKey), next: 0 },
      previousCount: 0,
      nextSendingHeaderKeys: step.nextHeaderKeys,
      nextReceivingHeaderKeys: headerKeys(secrets.recipientHeaderKey),
      skippedCount: 0,
      stale: false,
      ...pq
    }
  }
}

export interface RecipientInput {
  readonly own: OwnIdentity
  readonly signedPrekey: DhKeyPair
  readonly kemPrekey: KemKeyPair
  readonly oneTimeKey?: DhKeyPair
  readonly initiator: Certificate
  readonly exchange: Exchange
  readonly bundleHash: Uint8Array
  /** Whether the hello says that the session has the post-quantum ratchet. */
  readonly pqRatchet: boolean
  readonly generation: number
  readonly now: number
}

/** The recipient's side (PQXDH §3.4): a session that can decrypt; `undefined` if a key is unusable. */
export function acceptSession(input: RecipientInput): Session | undefined {
  const { own, signedPrekey, oneTimeKey, initiator, exchange } = input
  const kemSecret = decapsulate(exchange.kemCiphertext, input.kemPrekey.secretKey)
  if (kemSecret === undefined) return undefined
  const agreements = [
    diffieHellman(signedPrekey.secretKey, initiator.dhKey),
    diffieHellman(own.dh.secretKey, exchange.ephemeralKey),
    diffieHellman(signedPrekey.secretKey, exchange.ephemeralKey),
    ...(oneTimeKey === undefined ? [] : [diffieHellman(oneTimeKey.secretKey, exchange.ephemeralKey)])
  ]
  const secrets = sharedSecrets(agreements, kemSecret)
  if (secrets === undefined) return undefined
  const id = exchangeHash(exchange)
  const { bundleHash, pqRatchet } = input
  const pq = pqRatchet ? { pq: beginPqRatchet('recipient', secrets.secretKey, id, input.now) } : {}
  wipe(secrets.secretKey)
  return {
    id,
    associatedData: associatedData(
      initiator,
      publicIdentity(own),
      input.kemPrekey.publicKey,
      bundleHash,
      pqRatchet
    ),
    generation: input.generation,
    createdAt: input.now,
    ownIncarnation: own.incarnation,
    theirIncarnation: initiator.incarnation,
    rootKey: secrets.rootKey,
    ownRatchetKey: { publicKey: signedPrekey.publicKey, secretKey: signedPrekey.secretKey },
    previousCount: 0,
    nextSendingHeaderKeys: headerKeys(secrets.recipientHeaderKey),
    nextReceivingHeaderKeys: headerKeys(secrets.initiatorHeaderKey),
    skippedCount: 0,
    stale: false,
    ...pq
  }
}

import { generateDhKeyPair, type DhKeyPair } from '../../crypto/dh.js'
import { sha256 } from '../../crypto/hash.js'
import { generateKemKeyPair, type KemKeyPair } from '../../crypto/kem.js'
import type { RandomSource } from '../../crypto/random.js'
import { label } from '../labels.js'
import type { OwnIdentity } from '../identity/identity.js'
import {
  BUNDLE_EPOCHS,
  BUNDLE_LIFETIME,
  CLOCK_TOLERANCE_DAYS,
  DAY_MS,
  EPOCH_SECONDS,
  KEM_PREKEY_LIFETIME,
  MAX_PREKEYS_PER_EPOCH,
  PREKEY_RETENTION
} from '../limits.js'
import { epochAt, issueBundle, OWN_CAPABILITIES } from './bundle.js'

/** Bytes of a KEM prekey's id. */
export const KEM_PREKEY_ID_BYTES = 8

export interface SignedPrekey extends DhKeyPair {
  readonly epoch: number
}

export interface KemPrekey extends KemKeyPair {
  readonly createdAt: number
}

export interface IssuedBundle {
  readonly seq: number
  /** SHA-256 of the encoded bundle: a hello names the one it was made with. */
  readonly hash: Uint8Array
  readonly notAfter: number
}

/** The private side of the bundles this device has issued. */
export interface Prekeys {
  readonly seq: number
  readonly signedPrekeys: readonly SignedPrekey[]
  readonly kemPrekeys: readonly KemPrekey[]
  readonly issued: readonly IssuedBundle[]
  /** The newest bundle, encoded. */
  readonly bundle: Uint8Array
  readonly issuedAt: number
}

/** First 8 bytes of a labelled SHA-256 of the public key. */
export function kemPrekeyId(publicKey: Uint8Array): Uint8Array {
  return sha256(label('kem-prekey/id'), publicKey).slice(0, KEM_PREKEY_ID_BYTES)
}

function epochEnd(epoch: number): number {
  return (epoch + 1) * EPOCH_SECONDS * 1000
}

/**
 * Issue a fresh bundle: the signed prekeys of this and the next three epochs (those already issued stay the same), a new ML-KEM
 * prekey if the last is four weeks old, and the next sequence number. Private keys past their retention are dropped.
 */
export function issuePrekeys(
  previous: Prekeys | undefined,
  own: OwnIdentity,
  now: number,
  random: RandomSource
): Prekeys {
  return issue(previous, own, 0, false, now, random)
}

/**
 * The first bundle of a new incarnation: no key of it was in a bundle before, for whoever has a copy of the old state has their private halves.
 * Those are kept as long as ever, since hellos to them may be on their way. Its sequence number is above `seq`.
 */
export function renewPrekeys(
  previous: Prekeys,
  own: OwnIdentity,
  seq: number,
  now: number,
  random: RandomSource
): Prekeys {
  return issue(previous, own, seq, true, now, random)
}

function issue(
  previous: Prekeys | undefined,
  own: OwnIdentity,
  above: number,
  anew: boolean,
  now: number,
  random: RandomSource
): Prekeys {
  // A clock that has jumped ahead once deletes nothing: two issues have to agree on how late it is.
  const deletionTime = previous === undefined ? now : Math.min(now, previous.issuedAt + BUNDLE_LIFETIME)
  const firstEpoch = epochAt(now)
  const known = previous?.signedPrekeys ?? []
  const current = Array.from({ length: BUNDLE_EPOCHS }, (_, index) => {
    const epoch = firstEpoch + index
    const newest = anew ? undefined : known.findLast((prekey) => prekey.epoch === epoch)
    return newest ?? { epoch, ...generateDhKeyPair(random) }
  })
  const others = known.filter(
    (prekey, index) =>
      !current.includes(prekey) &&
      deletionTime <= epochEnd(prekey.epoch) + PREKEY_RETENTION &&
      // Each is tried with every open hello of its epoch.
      known.slice(index).filter(({ epoch }) => epoch === prekey.epoch).length < MAX_PREKEYS_PER_EPOCH
  )
  const kemPrekeys = (previous?.kemPrekeys ?? []).filter(
    ({ createdAt }) => deletionTime <= createdAt + KEM_PREKEY_LIFETIME + BUNDLE_LIFETIME + PREKEY_RETENTION
  )
  const newest = anew ? undefined : kemPrekeys.at(-1)
  const kemPrekey =
    newest !== undefined && now < newest.createdAt + KEM_PREKEY_LIFETIME && now >= newest.createdAt
      ? newest
      : { ...generateKemKeyPair(random), createdAt: now }
  // Seconds of the clock, so that an identity that lost its state does not begin below what its contacts have seen.
  const seq = Math.max((previous?.seq ?? 0) + 1, above + 1, Math.floor(now / 1000))
  const notAfter = now + BUNDLE_LIFETIME
  const bundle = issueBundle(own, {
    seq,
    // An honest reader's clock may be behind ours.
    notBefore: Math.max(0, now - CLOCK_TOLERANCE_DAYS * DAY_MS),
    notAfter,
    firstEpoch,
    signedPrekeys: current.map(({ publicKey }) => publicKey),
    kemPrekey: kemPrekey.publicKey,
    capabilities: OWN_CAPABILITIES
  })
  const issued = (previous?.issued ?? []).filter((old) => deletionTime <= old.notAfter + PREKEY_RETENTION)
  return {
    seq,
    signedPrekeys: [...others, ...current],
    kemPrekeys: kemPrekey === newest ? kemPrekeys : [...kemPrekeys, kemPrekey],
    issued: [...issued, { seq, hash: sha256(bundle), notAfter }],
    bundle,
    issuedAt: now
  }
}

/** Whether a fresh bundle is due now: in a new epoch, and when a clock has come back from a future in which the last was issued. */
export function isIssueDue(prekeys: Prekeys, now: number): boolean {
  return epochAt(now) > epochAt(prekeys.issuedAt) || now < prekeys.issuedAt - CLOCK_TOLERANCE_DAYS * DAY_MS
}

/** The signed prekeys of an epoch, the newest first: one, unless the incarnation was renewed meanwhile. */
export function findSignedPrekeys(prekeys: Prekeys, epoch: number): SignedPrekey[] {
  return prekeys.signedPrekeys.filter((prekey) => prekey.epoch === epoch).reverse()
}

import type { DhKeyPair } from '../../src/crypto/dh.js'
import { generateDhKeyPair } from '../../src/crypto/dh.js'
import { sha256 } from '../../src/crypto/hash.js'
import type { RandomSource } from '../../src/crypto/random.js'
import { acceptSession, initiateSession, type Exchange } from '../../src/protocol/handshake/pqxdh.js'
import { INVITE_BYTES, type Invite } from '../../src/protocol/handshake/invite.js'
import { encodeCertificate } from '../../src/protocol/identity/certificate.js'
import { generateIdentity, type OwnIdentity } from '../../src/protocol/identity/identity.js'
import { MAX_CARD_LIFETIME } from '../../src/protocol/limits.js'
import { choosePrekey, decodeBundle, issueBundle, type Bundle } from '../../src/protocol/prekeys/bundle.js'
import {
  findSignedPrekeys,
  issuePrekeys,
  kemPrekeyId,
  type Prekeys
} from '../../src/protocol/prekeys/prekeys.js'
import type { HelloOpening, Session } from '../../src/protocol/ratchet/session.js'
import { expectKind, must, NOW, seeded } from './protocol-values.js'

/** Somebody with an identity and a current bundle. */
export interface Person {
  readonly own: OwnIdentity
  readonly prekeys: Prekeys
  readonly bundle: Bundle
  readonly certificate: Uint8Array
  readonly random: RandomSource
}

export function createPerson(seed: number, now = NOW): Person {
  const random = seeded(seed)
  const own = generateIdentity(random)
  const prekeys = issuePrekeys(undefined, own, now, random)
  return { own, prekeys, bundle: bundleOf(prekeys), certificate: encodeCertificate(own, prekeys.seq), random }
}

/** Somebody of the first version, who announces nothing; otherwise the same person as `createPerson` makes. */
export function plainPerson(seed: number): Person {
  const person = createPerson(seed)
  const bundle = issueBundle(person.own, {
    ...person.bundle,
    capabilities: new Uint8Array(0)
  })
  const issued = person.prekeys.issued.map((one) => ({ ...one, hash: sha256(bundle) }))
  const prekeys = { ...person.prekeys, bundle, issued }
  return { ...person, prekeys, bundle: bundleOf(prekeys) }
}

export function bundleOf(prekeys: Prekeys): Bundle {
  return expectKind(decodeBundle(prekeys.bundle), 'decoded').bundle
}

/** A single-use invite as its owner keeps it. */
export function createInvite(random: RandomSource, now = NOW): Invite & { readonly oneTimeKey: DhKeyPair } {
  return {
    secret: random(INVITE_BYTES),
    oneTimeKey: generateDhKeyPair(random),
    notAfter: now + MAX_CARD_LIFETIME
  }
}

export interface Begun {
  readonly session: Session & { readonly opening: HelloOpening }
  readonly exchange: Exchange
}

/** The initiator's session, ready to say hello. */
export function begin(
  from: Person,
  to: Person,
  options: { readonly invite?: Invite; readonly generation?: number; readonly now?: number } = {}
): Begun {
  const { invite, generation = 1, now = NOW } = options
  const { bundle } = to
  const { epoch, key } = choosePrekey(bundle, now)
  const oneTimeKey = invite?.oneTimeKey?.publicKey
  const input = { own: from.own, bundle, signedPrekey: key, generation, now }
  const initiated = expectKind(
    initiateSession({ ...input, ...(oneTimeKey === undefined ? {} : { oneTimeKey }) }, from.random),
    'initiated'
  )
  const opening = {
    ...initiated.exchange,
    kemPrekeyId: kemPrekeyId(bundle.kemPrekey),
    epoch,
    signedPrekey: key,
    bundleHash: bundle.hash,
    ...(invite === undefined ? {} : { invite: invite.secret }),
    oneTime: oneTimeKey !== undefined,
    count: 0,
    firstCount: 0
  }
  return { session: { ...initiated.session, opening }, exchange: initiated.exchange }
}

/** Both sides of a session without a hello: the initiator may send, the recipient has not heard anything yet. */
export function establish(
  seed: number,
  create: (seed: number) => Person = createPerson
): { readonly alice: Session; readonly bob: Session } {
  const [initiator, recipient] = [create(seed), create(seed + 0x1000_0000)]
  const { session, exchange } = begin(initiator, recipient)
  const { opening: _unneeded, ...alice } = session
  const bob = acceptSession({
    own: recipient.own,
    signedPrekey: must(findSignedPrekeys(recipient.prekeys, session.opening.epoch)[0]),
    kemPrekey: must(recipient.prekeys.kemPrekeys.at(-1)),
    initiator: { ...initiator.bundle, seq: initiator.prekeys.seq },
    exchange,
    bundleHash: recipient.bundle.hash,
    pqRatchet: session.pq !== undefined,
    generation: 1,
    now: NOW
  })
  return { alice, bob: must(bob) }
}

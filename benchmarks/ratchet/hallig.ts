import { encodeIdentityId } from '../../src/codec/ids.js'
import { generateDhKeyPair } from '../../src/crypto/dh.js'
import { TagIndex } from '../../src/messenger/receive/tag-index.js'
import { systemRandom } from '../../src/platform/system.js'
import { compareBytes } from '../../src/protocol/compare-bytes.js'
import { openDirect, sealDirect } from '../../src/protocol/envelope/direct.js'
import { expiryDay, outlineEnvelope, type EnvelopeOutline } from '../../src/protocol/envelope/envelope.js'
import { unpad } from '../../src/protocol/envelope/padding.js'
import { acceptHello, openFirstMessage } from '../../src/protocol/handshake/accept-hello.js'
import { openInvitedHello } from '../../src/protocol/handshake/hello.js'
import { INVITE_BYTES, inviteTag } from '../../src/protocol/handshake/invite.js'
import { initiateSession } from '../../src/protocol/handshake/pqxdh.js'
import { sealInHello } from '../../src/protocol/handshake/say-hello.js'
import { encodeCertificate } from '../../src/protocol/identity/certificate.js'
import { generateIdentity, type OwnIdentity } from '../../src/protocol/identity/identity.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import { choosePrekey, decodeBundle } from '../../src/protocol/prekeys/bundle.js'
import { issuePrekeys, kemPrekeyId, type Prekeys } from '../../src/protocol/prekeys/prekeys.js'
import { decryptMessage } from '../../src/protocol/ratchet/decrypt.js'
import type { Session, SkippedKey } from '../../src/protocol/ratchet/session.js'
import { sessionRecord } from '../../src/storage/records/session-record.js'
import { bytesOf, GREETING, type Pair, type Side, type Strangers, type Subject } from './subject.js'

const now = Date.now()
/** When the messages expire. */
export const day = expiryDay(now, 7 * DAY_MS)

/** A member of a union of this kind: everything else would be a defect of the benchmark. */
export function expectKind<Union extends { readonly kind: string }, Kind extends Union['kind']>(
  value: Union,
  kind: Kind
): Extract<Union, { readonly kind: Kind }> {
  if (value.kind === kind) return value as Extract<Union, { readonly kind: Kind }>
  throw new Error(`Expected ${kind}, not ${JSON.stringify(value)}`)
}

/** One end of a session as a device has it: the state, its record in the store, the tags it waits for. */
export class End {
  /** Keys of messages that have not arrived. */
  readonly skipped: SkippedKey[] = []
  readonly #contact = encodeIdentityId(systemRandom(20))
  readonly #tags = new TagIndex()
  session: Session
  record: Uint8Array

  constructor(session: Session) {
    this.session = session
    this.record = sessionRecord.encode(session)
    this.#tags.update(this.#contact, [], [session])
  }

  encrypt(content: Uint8Array): Uint8Array {
    const sealed = expectKind(sealDirect(this.session, content, day, systemRandom), 'sealed')
    this.#keep(sealed.session)
    return sealed.envelope
  }

  decrypt(envelope: Uint8Array): Uint8Array {
    return contentOf(expectKind(this.receive(envelope), 'decrypted').body)
  }

  /** Decrypts what may be no honest envelope; nothing is kept of what is rejected. */
  receive(envelope: Uint8Array): ReturnType<typeof decryptMessage> {
    const outline = outlineOf(envelope)
    const match = this.#tags.find(outline.tag)
    if (match?.kind !== 'expected') throw new Error('The envelope is for this session')
    const { session } = this
    const { prefix, message } = openDirect(outline)
    const isNext = match.tagKey === session.nextReceivingHeaderKeys.tag
    const expected = { chain: isNext ? 'next' : 'current', number: match.number } as const
    const received = decryptMessage(session, expected, prefix, message)
    if (received.kind === 'rejected') return received
    for (const { tag } of received.skipped) this.#tags.addSkipped(this.#contact, session.id, tag)
    this.skipped.push(...received.skipped)
    this.#keep(received.session)
    return received
  }

  #keep(session: Session): void {
    this.record = sessionRecord.encode(session)
    this.#tags.update(this.#contact, [this.session], [session])
    this.session = session
  }
}

function outlineOf(envelope: Uint8Array): EnvelopeOutline {
  return expectKind(outlineEnvelope(envelope, now), 'outlined').outline
}

function contentOf(body: Uint8Array): Uint8Array {
  const content = unpad(body)
  if (content === undefined) throw new Error('The body is padded')
  return content
}

interface Person {
  readonly own: OwnIdentity
  readonly prekeys: Prekeys
  readonly certificate: Uint8Array
}

function makePerson(): Person {
  const own = generateIdentity(systemRandom)
  const prekeys = issuePrekeys(undefined, own, now, systemRandom)
  return { own, prekeys, certificate: encodeCertificate(own, prekeys.seq) }
}

interface HalligPair extends Pair {
  readonly ends: readonly [End, End]
}

interface HalligStrangers extends Strangers {
  readonly meet: () => HalligPair
}

interface HalligSubject extends Subject {
  readonly makeStrangers: () => HalligStrangers
}

export const hallig: HalligSubject = { makeStrangers }

/** The handshake of somebody who was given a card with an invite: bundle and certificate are verified, the hello is hidden. */
function makeStrangers(): HalligStrangers {
  const [alice, bob] = [makePerson(), makePerson()]
  const invite = { secret: systemRandom(INVITE_BYTES), oneTimeKey: generateDhKeyPair(systemRandom) }
  return {
    meet() {
      const { bundle } = expectKind(decodeBundle(bob.prekeys.bundle), 'decoded')
      const { epoch, key } = choosePrekey(bundle, now)
      const oneTimeKey = invite.oneTimeKey.publicKey
      const input = { own: alice.own, bundle, signedPrekey: key, oneTimeKey, generation: 1, now }
      const { session, exchange } = expectKind(initiateSession(input, systemRandom), 'initiated')
      const opening = {
        ...exchange,
        kemPrekeyId: kemPrekeyId(bundle.kemPrekey),
        epoch,
        signedPrekey: key,
        bundleHash: bundle.hash,
        invite: invite.secret,
        oneTime: true,
        count: 0,
        firstCount: 0
      }
      const said = sealInHello({ ...session, opening }, alice.certificate, GREETING, day, systemRandom)
      if ('kind' in said) throw new Error('A greeting is not too large')
      const first = new End(said.session)
      const second = answer(bob, invite, expectKind(said.hello, 'sealed').envelope)
      first.decrypt(second.encrypt(GREETING))
      return pairOf([first, second])
    }
  }
}

function answer(
  bob: Person,
  invite: { readonly secret: Uint8Array; readonly oneTimeKey: ReturnType<typeof generateDhKeyPair> },
  hello: Uint8Array
): End {
  const outline = outlineOf(hello)
  if (compareBytes(outline.tag, inviteTag(invite.secret, 0)) !== 0)
    throw new Error('The first tag of the invite')
  const opened = expectKind(openInvitedHello(outline, invite.secret, 0, bob.prekeys), 'opened')
  const { content, signedPrekey } = opened
  const accepted = expectKind(
    acceptHello(bob.own, bob.prekeys, signedPrekey, invite.oneTimeKey, content, now),
    'accepted'
  )
  const first = expectKind(openFirstMessage(accepted.session, content), 'decrypted')
  return new End(first.session)
}

function pairOf(ends: readonly [End, End]): HalligPair {
  return {
    ends,
    encrypt: (from: Side, content) => ends[from].encrypt(content),
    decrypt: (to: Side, message) => ends[to].decrypt(bytesOf(message)),
    serialise: (side) => {
      sessionRecord.encode(ends[side].session)
    },
    parse: (side) => {
      sessionRecord.decode(ends[side].record)
    }
  }
}

import { toString } from 'uint8arrays/to-string'
import { compareBytes } from '../../protocol/compare-bytes.js'
import type { EnvelopeOutline } from '../../protocol/envelope/envelope.js'
import { acceptHello, openFirstMessage } from '../../protocol/handshake/accept-hello.js'
import { openInvitedHello, openOpenHello, type OpenedHello } from '../../protocol/handshake/hello.js'
import type { HelloContent } from '../../protocol/handshake/hello-layout.js'
import type { Invite } from '../../protocol/handshake/invite.js'
import { exchangeHash } from '../../protocol/handshake/pqxdh.js'
import { innerPrefix } from '../../protocol/handshake/say-hello.js'
import type { Certificate } from '../../protocol/identity/certificate.js'
import { identityId, type OwnIdentity } from '../../protocol/identity/identity.js'
import { MAX_UNADDED_CONTACTS } from '../../protocol/limits.js'
import type { Decrypted } from '../../protocol/ratchet/decrypt.js'
import { acceptedHelloRecord } from '../../storage/records/accepted-hello-record.js'
import { inviteRecord } from '../../storage/records/own-record.js'
import { skippedRecord } from '../../storage/records/skipped-record.js'
import { isFormerKey, reportChange } from '../contacts/adopt-bundle.js'
import { admitPayload, isWelcome } from './admit.js'
import { removeContact } from '../contacts/contacts.js'
import { suspectCopy } from '../continuity/suspect-copy.js'
import { emitContact } from '../announce.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { newPeer } from '../contacts/new-peer.js'
import { findSession, withContact, withSession, type PeerState } from '../peer-state.js'
import { openMessage, readPayload, refuse, rememberSeen } from './receive.js'
import { resealUnacknowledged } from '../send/reseal.js'
import { hashOf } from './seen.js'
import { renewSession, sendingSession, trimSessions } from '../send/seal.js'

/** A hello that came in under an invite's tag; whether it was taken in. */
export async function receiveInvitedHello(
  context: Context,
  outline: EnvelopeOutline,
  secret: Uint8Array,
  count: number
): Promise<boolean> {
  const invite = context.invites.get(toString(secret, 'base64'))
  if (invite === undefined) return false
  const opened = openInvitedHello(outline, secret, count, context.own.prekeys)
  const { usedBy } = invite
  if (
    opened.kind === 'opened' &&
    usedBy !== undefined &&
    compareBytes(usedBy, opened.content.certificate.signingKey) !== 0
  ) {
    return refuse(context, 'invite-used')
  }
  return await receiveHello(context, outline, opened, invite)
}

/** A hello of the open lane, if it is ours; whether it was taken in. */
export async function receiveOpenHello(context: Context, outline: EnvelopeOutline): Promise<boolean> {
  const opened = openOpenHello(outline, context.own.prekeys)
  // Most are somebody else's: nothing to report.
  if (opened.kind === 'rejected' && (opened.reason === 'not-for-us' || opened.reason === 'unknown-epoch'))
    return false
  return await receiveHello(context, outline, opened, undefined)
}

async function receiveHello(
  context: Context,
  outline: EnvelopeOutline,
  opened: OpenedHello,
  invite: Invite | undefined
): Promise<boolean> {
  if (opened.kind === 'rejected') return refuse(context, opened.reason)
  const { certificate } = opened.content
  if (compareBytes(certificate.signingKey, context.own.record.identity.signing.publicKey) === 0) {
    if (certificate.seq > context.own.prekeys.seq) suspectCopy(context, 'bundle', certificate.seq)
    return refuse(context, 'own-hello')
  }
  const contactId = identityId(certificate.signingKey)
  let isTaken = false
  await context.queue.run(contactId, async (unit) => {
    isTaken = await admitHello(context, unit, opened, invite)
    if (!isTaken) return
    rememberSeen(context, unit, contactId, [hashOf(outline.bytes)], outline.expiryDay)
    if (invite !== undefined) consumeInvite(context, unit, invite, certificate)
  })
  return isTaken
}

async function admitHello(
  context: Context,
  unit: Unit,
  opened: Extract<OpenedHello, { kind: 'opened' }>,
  invite: Invite | undefined
): Promise<boolean> {
  const { content, signedPrekey } = opened
  const sessionId = exchangeHash(content)
  if (unit.state !== undefined && findSession(unit.state, sessionId) !== undefined) {
    const prefix = innerPrefix(sessionId)
    return (await openMessage(context, unit, sessionId, content.tag, prefix, content.message)) !== false
  }
  if ((await unit.get(context.tables.hello(sessionId))) !== undefined)
    return refuse(context, 'replayed-hello')
  const state = unit.state ?? (await strangerState(context, unit, content.certificate, invite))
  if (state === undefined) return refuse(context, 'too-many-strangers')
  if (state.contact.blocked) return refuse(context, 'blocked')
  if (compareBytes(state.contact.dhKey, content.certificate.dhKey) !== 0) {
    if (!isFormerKey(state.contact, content.certificate.dhKey)) {
      reportChange(context, unit, 'device-key', content.certificate.dhKey)
    }
    return refuse(context, 'identity-changed')
  }
  if (state.contact.change !== undefined) return refuse(context, 'identity-changed')
  const now = context.clock.now()
  const accepted = acceptHello(
    identityAt(context, content.bundleHash),
    context.own.prekeys,
    signedPrekey,
    invite?.oneTimeKey,
    content,
    now
  )
  if (accepted.kind === 'rejected') return refuse(context, accepted.reason)
  const first = openFirstMessage(accepted.session, content)
  if (first.kind === 'rejected') return refuse(context, first.reason)
  const decoded = readPayload(first.body)
  if (decoded?.kind === 'decoded' && !isWelcome(state, decoded.payload)) return refuse(context, 'not-welcome')
  await beginReceivedSession(context, unit, state, content, first)
  return true
}

/** This identity as it was when it issued a bundle: a session of a former incarnation only receives, however late its hello comes. */
function identityAt({ own }: Context, bundleHash: Uint8Array): OwnIdentity {
  const { identity } = own.record
  const issued = own.prekeys.issued.find(({ hash }) => compareBytes(hash, bundleHash) === 0)
  const former = own.continuity.former.at(-1)
  const isFormer = former !== undefined && issued !== undefined && issued.seq < own.continuity.firstSeq
  return isFormer ? { ...identity, incarnation: former } : identity
}

async function strangerState(
  context: Context,
  unit: Unit,
  certificate: Certificate,
  invite: Invite | undefined
): Promise<PeerState | undefined> {
  if (invite !== undefined) return await newPeer(context, unit, certificate, 'invite')
  const strangers = [...context.queue.states.values()].filter(({ contact }) => !contact.accepted)
  if (strangers.length < MAX_UNADDED_CONTACTS) return await newPeer(context, unit, certificate, 'hello')
  // The one unheard for longest makes room; this one comes again.
  const oldest = strangers.reduce((one, other) =>
    other.conversation.heardAt < one.conversation.heardAt ? other : one
  )
  removeContact(context, oldest.contact.id).catch((error: unknown) => {
    context.onFailure('remove', error)
  })
  return undefined
}

async function beginReceivedSession(
  context: Context,
  unit: Unit,
  state: PeerState,
  content: HelloContent,
  first: Decrypted
): Promise<void> {
  const { certificate } = content
  const { contact } = state
  const isNewer =
    certificate.seq >= contact.seq && compareBytes(certificate.incarnation, contact.incarnation) !== 0
  const lostState = isNewer && contact.incarnation.length > 0
  const newest = isNewer ? { incarnation: certificate.incarnation, seq: certificate.seq } : {}
  const met = withContact(state, { ...newest, generation: Math.max(contact.generation, content.generation) })
  const joined = withSession(met, first.session)
  const now = context.clock.now()
  // Whoever begins above the session in use has lost it or was never answered: what was sealed for it may never be opened.
  const replaced = sendingSession(context, state, now)
  const isReplaced = replaced !== undefined && first.session.generation > replaced.generation
  const inUse = sendingSession(context, joined, now)
  unit.state = trimSessions(joined, inUse ?? first.session)
  unit.put(context.tables.hello(first.session.id), acceptedHelloRecord.encode({ acceptedAt: now }))
  for (const { tag, key } of first.skipped) {
    unit.put(
      context.tables.skipped(contact.id, first.session.id, tag),
      skippedRecord.encode({ key, keptAt: now })
    )
    unit.after(() => {
      context.tags.addSkipped(contact.id, first.session.id, tag)
    })
  }
  // It may only receive, being for a former incarnation of ours: then whoever lost the one in use cannot be answered on any.
  if (isReplaced && sendingSession(context, unit.state, now) === replaced) renewSession(context, unit)
  // The one hello of a session of the open lane that gives way goes out no more once what is in it has arrived; what follows it relies on it.
  const opening = inUse === replaced ? undefined : replaced?.opening
  const hasOneHello = opening !== undefined && opening.invite === undefined
  if (lostState || isReplaced || hasOneHello) await resealUnacknowledged(context, unit)
  const decoded = readPayload(first.body)
  if (decoded?.kind === 'decoded') await admitPayload(context, unit, decoded.payload)
  const isAnswerable = sendingSession(context, unit.state, now) !== undefined
  // A hello without content asks for an answer all the same.
  unit.after(() => {
    context.owesReceipt(contact.id)
    // What was begun with a former incarnation of ours is answered on another session, which takes a bundle that nobody may have looked for.
    if (!isAnswerable) context.lookUpBundles()
    emitContact(context, contact.id)
  })
}

/** The invite belongs to who used it; its one-time key is gone with the commit. */
function consumeInvite(context: Context, unit: Unit, invite: Invite, certificate: Certificate): void {
  if (invite.usedBy !== undefined) return
  const { oneTimeKey: _spent, ...kept } = invite
  const used: Invite = { ...kept, usedBy: certificate.signingKey }
  unit.put(context.tables.invite(invite.secret), inviteRecord.encode(used))
  unit.after(() => {
    context.invites.set(toString(invite.secret, 'base64'), used)
  })
}

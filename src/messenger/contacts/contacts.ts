import type { IdentityId } from '../../codec/ids.js'
import { MessengerError } from '../../errors.js'
import { compareBytes } from '../../protocol/compare-bytes.js'
import { decodeCard, type ContactCard } from '../../protocol/identity/card.js'
import { decodeCardLink } from '../../protocol/identity/card-link.js'
import { identityId, publicIdentity } from '../../protocol/identity/identity.js'
import { safetyNumber } from '../../protocol/identity/safety-number.js'
import { MAX_NAME_BYTES } from '../../protocol/limits.js'
import { textLength } from '../../protocol/message/payload.js'
import { forgottenRecord } from '../../storage/records/forgotten-record.js'
import { keysUnder } from '../../storage/records/tables.js'
import { adoptBundle, reportChange } from './adopt-bundle.js'
import { emitContact } from '../announce.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import type { Contact } from '../messenger.js'
import { withContact, withUsedInvite, type PeerState } from '../peer-state.js'
import { keepLinks } from './keep-links.js'
import { newPeer } from './new-peer.js'
import { enqueueProfile } from './profile.js'
import { resealUnacknowledged } from '../send/reseal.js'
import { renewSession, sendingSession, usableInvite } from '../send/seal.js'
import { toContact } from '../status.js'

/** Messages deleted in one commit when a contact is removed. */
const DELETE_BATCH = 1_000

export function stateOf(context: Context, id: IdentityId): PeerState {
  const state = context.queue.states.get(id)
  if (state === undefined) throw unknownContact()
  return state
}

function unknownContact(): MessengerError {
  return new MessengerError('UNKNOWN_CONTACT', 'No such contact; add it with contacts.add()')
}

/** Checked as shown: at most {@link MAX_NAME_BYTES} bytes. */
export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw new MessengerError('OPTIONS_INVALID', 'A name is a text')
  const trimmed = name.trim()
  if (!trimmed.isWellFormed())
    throw new MessengerError(
      'OPTIONS_INVALID',
      'The name holds half of a character (a lone surrogate); repair it with toWellFormed()'
    )
  if (textLength(trimmed) > MAX_NAME_BYTES) {
    throw new MessengerError(
      'OPTIONS_INVALID',
      `A name has at most ${String(MAX_NAME_BYTES)} bytes; shorten it`
    )
  }
  return trimmed
}

function readCard(link: unknown, now: number): ContactCard {
  const bytes = typeof link === 'string' ? decodeCardLink(link) : undefined
  if (bytes === undefined) {
    throw new MessengerError(
      'CARD_INVALID',
      'This is no contact card, or a part of one: give the whole link, from hallig: to its end'
    )
  }
  const decoded = decodeCard(bytes, now)
  if (decoded.kind === 'decoded') return decoded.card
  switch (decoded.reason) {
    case 'expired':
      throw new MessengerError('CARD_EXPIRED', 'This contact card has expired; ask for a new one')
    case 'unsupported':
      throw new MessengerError(
        'CARD_INVALID',
        'This contact card was made by a newer version; update to read it'
      )
    case 'malformed':
    case 'bad-signature':
      throw new MessengerError(
        'CARD_INVALID',
        'This contact card is damaged or cut off; copy the whole link again'
      )
  }
}

/** Add the person a card belongs to, or refresh what is known of it. */
export async function addContact(
  context: Context,
  link: string,
  options: { readonly name?: string | undefined } = {}
): Promise<Contact> {
  const card = readCard(link, context.clock.now())
  const own = context.own.record.identity
  if (compareBytes(card.signingKey, own.signing.publicKey) === 0) {
    throw new MessengerError(
      'CARD_OF_SELF',
      'This is your own contact card; give it to the person who is to write to you'
    )
  }
  const name = options.name === undefined ? undefined : checkName(options.name)
  const id = identityId(card.signingKey)
  const added = await context.queue.run(id, async (unit) => {
    const isKnown = unit.state !== undefined
    unit.state ??= await newPeer(context, unit, card, 'card')
    if (isKnown && compareBytes(unit.state.contact.dhKey, card.dhKey) !== 0) {
      reportChange(context, unit, 'device-key', card.dhKey)
      return undefined
    }
    await applyCard(context, unit, card, name)
    // Whoever gave this one its card learns who has it. A reusable one is answered only with a message, unless its owner may be writing on a session that was removed.
    if (card.invite !== undefined || unit.state.contact.generation > 0) enqueueProfile(context, unit)
    unit.after(() => {
      keepLinks(context)
      context.sealSoon(id)
      context.lookUpBundles()
      emitContact(context, id)
    })
    return unit.state
  })
  if (added === undefined) {
    throw new MessengerError(
      'IDENTITY_CHANGED',
      'This card names other keys for a person you know; compare safety numbers, then call contacts.acceptChange()'
    )
  }
  // It may have been removed within the same commit: it was added all the same.
  return toContact(context, context.queue.states.get(id) ?? added)
}

async function applyCard(
  context: Context,
  unit: Unit,
  card: ContactCard,
  name: string | undefined
): Promise<void> {
  const { state } = unit
  if (state === undefined) return
  const { contact } = state
  // A card added twice must not start its hellos at the first tag again.
  const isKnownInvite = isSame(contact.invite?.secret, card.invite?.secret)
  unit.state = withContact(state, {
    origin: 'card',
    accepted: true,
    ...(name === undefined ? {} : { givenName: name }),
    profileName: card.name || contact.profileName,
    addresses: card.addresses.length > 0 ? [...card.addresses] : contact.addresses,
    ...(card.invite !== undefined && !isKnownInvite
      ? {
          invite: {
            secret: card.invite.secret,
            oneTimeKey: card.invite.oneTimeKey,
            notAfter: card.notAfter,
            count: 0
          }
        }
      : {})
  })
  if (card.bundle !== undefined) await adoptBundle(context, unit, card.bundle)
  // Nobody answered the card before, so it may lead nowhere: somebody else was faster, or its invite is gone.
  const now = context.clock.now()
  const session = sendingSession(context, state, now)
  if (session?.opening === undefined) return
  if (card.invite === undefined) unit.state = withUsedInvite(unit.state)
  const isSameWay = isSame(session.opening.invite, usableInvite(unit.state, now)?.secret)
  if (!isSameWay && renewSession(context, unit)) await resealUnacknowledged(context, unit)
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : compareBytes(one, other) === 0
}

/** Change a contact's record and say so. */
export async function changeContact(
  context: Context,
  id: IdentityId,
  change: (state: PeerState) => Partial<PeerState['contact']>
): Promise<Contact> {
  await context.queue.run(id, (unit) => {
    if (unit.state === undefined) throw unknownContact()
    unit.state = withContact(unit.state, change(unit.state))
    unit.after(() => {
      keepLinks(context)
      context.sealSoon(id)
      emitContact(context, id)
    })
  })
  return toContact(context, stateOf(context, id))
}

/** The digits both sides compare: for a changed contact, those of the keys it has now. */
export function contactSafetyNumber(context: Context, id: IdentityId): string {
  const { contact } = stateOf(context, id)
  const theirs = { signingKey: contact.signingKey, dhKey: contact.changedDhKey ?? contact.dhKey }
  return safetyNumber(publicIdentity(context.own.record.identity), theirs)
}

/** Trust the keys a contact has now: old sessions are gone, verification starts anew. */
export async function acceptChange(context: Context, id: IdentityId): Promise<Contact> {
  await context.queue.run(id, async (unit) => {
    if (unit.state === undefined) throw unknownContact()
    const { change, changedDhKey, contradiction, bundle, ...contact } = unit.state.contact
    if (change === undefined) return
    unit.state = {
      ...unit.state,
      contact: {
        ...contact,
        verified: false,
        ...(changedDhKey === undefined ? {} : { dhKey: changedDhKey, formerDhKey: contact.dhKey }),
        // Bundles that contradict each other say nothing; another key makes the known one useless.
        ...(changedDhKey === undefined && contradiction === undefined && bundle !== undefined
          ? { bundle }
          : {})
      },
      sessions: changedDhKey === undefined ? unit.state.sessions : []
    }
    if (changedDhKey !== undefined) await resealUnacknowledged(context, unit)
    unit.after(() => {
      context.sealSoon(id)
      context.lookUpBundles()
      emitContact(context, id)
    })
  })
  return toContact(context, stateOf(context, id))
}

/** Forget a contact: its history first, then in one commit everything else, so that what was begun can be done again. */
export async function removeContact(context: Context, id: IdentityId): Promise<void> {
  const { tables } = context
  await context.queue.run(id, async (unit) => {
    if (unit.state === undefined) throw unknownContact()
    const { contact, conversation, sessions } = unit.state
    await deleteMessages(context, id)
    for (const session of sessions) unit.delete(tables.session(id, session.id))
    for (const prefix of [tables.messages(id), tables.skippedOf(id), tables.outboxOf(id)]) {
      for (const key of await unit.keys(prefix)) unit.delete(key)
    }
    unit.delete(tables.contact(id))
    unit.delete(tables.conversation(id))
    // Strangers never used a session of ours, and there may be any number of them; but who was a contact before keeps the sessions of then.
    if (contact.accepted || (await unit.get(tables.forgotten(id))) !== undefined) {
      const { generation, invite } = contact
      const { nextNumber } = conversation
      const isUsed = invite !== undefined && invite.oneTimeKey === undefined
      unit.put(
        tables.forgotten(id),
        forgottenRecord.encode({ generation, nextNumber, ...(isUsed ? { invite } : {}) })
      )
    }
    unit.state = undefined
    unit.after(() => {
      for (const { positions } of context.outbox.of(id).values()) {
        for (const position of positions) context.recent.remove(position)
      }
      context.outbox.removeContact(id)
      context.forgetContact(id)
      // It may have been met again within the same commit.
      if (!context.queue.states.has(id)) context.conversations.delete(conversation.id)
      context.tail.end(conversation.id)
      keepLinks(context)
    })
  })
}

async function deleteMessages(context: Context, id: IdentityId): Promise<void> {
  const range = { ...keysUnder(context.tables.messages(id)), limit: DELETE_BATCH }
  for (;;) {
    const keys: string[] = []
    for await (const [key] of context.store.range(range)) keys.push(key)
    if (keys.length === 0) return
    await context.store.commit(keys.map((key) => ({ type: 'delete', key })))
  }
}

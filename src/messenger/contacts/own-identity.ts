import { toString } from 'uint8arrays/to-string'
import { MessengerError } from '../../errors.js'
import { generateDhKeyPair } from '../../crypto/dh.js'
import { INVITE_BYTES, type Invite } from '../../protocol/handshake/invite.js'
import { leadsThroughRelay } from '../../network/relayed.js'
import { encodeCard } from '../../protocol/identity/card.js'
import { encodeCardLink } from '../../protocol/identity/card-link.js'
import {
  DAY_MS,
  MAX_ADDRESSES,
  MAX_CARD_LIFETIME,
  MAX_LIFETIME_DAYS,
  MAX_OPEN_INVITES,
  MAX_SHORT_CARD_ADDRESSES
} from '../../protocol/limits.js'
import { parseBundle, type Bundle } from '../../protocol/prekeys/bundle.js'
import { isIssueDue, issuePrekeys } from '../../protocol/prekeys/prekeys.js'
import { inviteRecord, ownRecord, prekeysRecord } from '../../storage/records/own-record.js'
import type { Context } from '../context.js'
import type { CardOptions } from '../messenger.js'
import { checkName } from './contacts.js'
import { toldAddresses } from './told-addresses.js'

/** An invite is honoured this much longer than its card says: hellos made on its last day may still be on their way, ms. */
const INVITE_GRACE = MAX_LIFETIME_DAYS * DAY_MS

/** A new contact card as a link; the invite in it is committed before the card exists. */
export async function makeCard(context: Context, options: CardOptions = {}): Promise<string> {
  const { size = 'short', reusable = false, lifetime = MAX_CARD_LIFETIME } = options
  if (!(lifetime > 0) || lifetime > MAX_CARD_LIFETIME) {
    throw new MessengerError(
      'OPTIONS_INVALID',
      'A card lives for at most 30 days; give a lifetime in milliseconds'
    )
  }
  const notAfter = context.clock.now() + lifetime
  const invite = reusable ? undefined : await makeInvite(context, notAfter)
  const addresses = options.addresses === false ? [] : cardAddresses(context.network.addresses(), size)
  const card = encodeCard(context.own.record.identity, {
    notAfter,
    name: context.own.record.name,
    addresses,
    ...(invite?.oneTimeKey === undefined
      ? {}
      : { invite: { secret: invite.secret, oneTimeKey: invite.oneTimeKey.publicKey } }),
    ...(size === 'full' ? { bundle: ownBundle(context) } : {})
  })
  return encodeCardLink(card)
}

/**
 * Where a card says its owner listens. Without the peer id, which would tie the identity on the card to a node of the network: the handshake
 * finds out who answers. Only through a relay nobody is found without it. A short card leaves out WebSockets, which reach the same node over the
 * same links.
 */
function cardAddresses(addresses: readonly string[], size: 'short' | 'full'): string[] {
  const bare = addresses.map((address) =>
    leadsThroughRelay(address) ? address : address.replace(/\/p2p\/[^/]+$/, '')
  )
  const distinct = [...new Set(bare)]
  if (size === 'full') return toldAddresses(distinct, MAX_ADDRESSES)
  const brief = distinct.filter((address) => !address.endsWith('/ws'))
  return toldAddresses(brief, MAX_SHORT_CARD_ADDRESSES)
}

function ownBundle(context: Context): Bundle {
  const decoded = parseBundle(context.own.prekeys.bundle)
  if (decoded.kind === 'rejected')
    throw new MessengerError(
      'RECORD_DAMAGED',
      'The own prekey bundle is damaged; call identity.rotatePrekeys()'
    )
  return decoded.bundle
}

async function makeInvite(context: Context, notAfter: number): Promise<Invite> {
  await dropExpiredInvites(context)
  const open = [...context.invites.values()].filter(({ usedBy }) => usedBy === undefined)
  if (open.length >= MAX_OPEN_INVITES) {
    throw new MessengerError(
      'OPTIONS_INVALID',
      `${String(MAX_OPEN_INVITES)} cards are out and unused; make a reusable card instead`
    )
  }
  const invite: Invite = {
    secret: context.random(INVITE_BYTES),
    oneTimeKey: generateDhKeyPair(context.random),
    notAfter
  }
  // Counted from now on, or any number of cards that are asked for at once would be let through. Nobody knows its secret yet.
  rememberInvite(context, invite)
  try {
    await context.store.commit([
      { type: 'put', key: context.tables.invite(invite.secret), value: inviteRecord.encode(invite) }
    ])
  } catch (error) {
    forgetInvite(context, invite)
    throw error
  }
  return invite
}

export function rememberInvite(context: Context, invite: Invite): void {
  context.invites.set(toString(invite.secret, 'base64'), invite)
  context.tags.addInvite(invite.secret)
}

function forgetInvite(context: Context, { secret }: Invite): void {
  context.invites.delete(toString(secret, 'base64'))
  context.tags.removeInvite(secret)
}

/** Delete invites past their life: their private keys must not outlive them. */
export async function dropExpiredInvites(context: Context): Promise<void> {
  const now = context.clock.now()
  for (const invite of context.invites.values()) {
    if (now <= invite.notAfter + INVITE_GRACE) continue
    await context.store.commit([{ type: 'delete', key: context.tables.invite(invite.secret) }])
    forgetInvite(context, invite)
  }
}

/** Issue fresh prekeys; contacts are told as they are next heard or written to. */
export async function rotatePrekeys(context: Context): Promise<void> {
  const { own } = context
  // Two at once would issue two bundles with one sequence number, which contacts take for somebody else's.
  own.rotation ??= issueNow(context).finally(() => {
    delete own.rotation
  })
  await own.rotation
}

async function issueNow(context: Context): Promise<void> {
  const { own, clock, random, store, tables } = context
  const prekeys = issuePrekeys(own.prekeys, own.record.identity, clock.now(), random)
  await store.commit([{ type: 'put', key: tables.prekeys, value: prekeysRecord.encode(prekeys) }])
  own.prekeys = prekeys
}

/** Issue fresh prekeys if the week has changed. */
export async function rotateIfDue(context: Context): Promise<void> {
  if (isIssueDue(context.own.prekeys, context.clock.now())) await rotatePrekeys(context)
}

export async function renameOwn({ own, store, tables }: Context, name: string): Promise<void> {
  const checked = checkName(name)
  await inOwnTurn(own, async () => {
    const record = { ...own.record, name: checked }
    await store.commit([{ type: 'put', key: tables.own, value: ownRecord.encode(record) }])
    own.record = record
  })
}

/** Changes of the own record follow each other: one that began from what another replaces meanwhile would bring that back, an old incarnation with it. */
export async function inOwnTurn(own: Context['own'], change: () => Promise<void>): Promise<void> {
  const turn = (own.turn ?? Promise.resolve()).then(change)
  own.turn = turn.catch(() => undefined)
  await turn
}

import { toString } from 'uint8arrays/to-string'
import type { RandomSource } from '../crypto/random.js'
import { isMessengerError, MessengerError } from '../errors.js'
import { fromString } from 'uint8arrays/from-string'
import { SKIPPED_KEY_LIFETIME } from '../protocol/limits.js'
import { generateIdentity } from '../protocol/identity/identity.js'
import { issuePrekeys, type Prekeys } from '../protocol/prekeys/prekeys.js'
import { contactRecord, type ContactRecord } from '../storage/records/contact-record.js'
import { conversationRecord } from '../storage/records/conversation-record.js'
import { outboxRecord } from '../storage/records/outbox-record.js'
import { inviteRecord, ownRecord, prekeysRecord, type OwnRecord } from '../storage/records/own-record.js'
import { decodeReadable, readRecord } from '../storage/records/read-record.js'
import { sessionRecord } from '../storage/records/session-record.js'
import { skippedRecord } from '../storage/records/skipped-record.js'
import { keysUnder, parseSkippedKey, type Tables } from '../storage/records/tables.js'
import type { Store, Write } from '../storage/store.js'
import type { Context } from './context.js'
import { toEntry } from './send/outbox.js'
import { rememberInvite } from './contacts/own-identity.js'
import type { PeerState } from './peer-state.js'
import { rebuildConversation } from './rebuild-conversation.js'
import { TableScan } from './table-scan.js'
import { Turns } from './turns.js'

interface LoadedOwn {
  readonly record: OwnRecord
  readonly prekeys: Prekeys
  /** Whether it was made just now. */
  readonly isNew: boolean
}

/** Read this device's identity, or make one on first use. */
export async function loadOwn(
  store: Store,
  tables: Tables,
  name: string | undefined,
  now: number,
  random: RandomSource
): Promise<LoadedOwn> {
  const own = await readIdentity(store, tables)
  // Lost prekeys can be made anew: what was sealed for them comes again in another session.
  const storedPrekeys = await readRecord(store, tables.prekeys, prekeysRecord)
  if (own === undefined) {
    if (!(await isUnused(store, tables))) throw lostIdentity()
    return await createOwn(store, tables, name ?? '', now, random)
  }
  const record = name === undefined || name === own.name ? own : { ...own, name }
  const prekeys = storedPrekeys ?? issuePrekeys(undefined, record.identity, now, random)
  if (record !== own || storedPrekeys === undefined) await putOwn(store, tables, record, prekeys)
  return { record, prekeys, isNew: false }
}

async function readIdentity(store: Store, tables: Tables): Promise<OwnRecord | undefined> {
  try {
    const stored = await store.get(tables.own)
    return stored === undefined ? undefined : ownRecord.decode(stored)
  } catch (cause) {
    if (!isMessengerError(cause, 'RECORD_DAMAGED')) throw cause
    throw new MessengerError(
      'STORE_DAMAGED',
      'The identity in the store is damaged; restore the store from a backup',
      { cause }
    )
  }
}

async function isUnused(store: Store, tables: Tables): Promise<boolean> {
  for (const prefix of [tables.prekeys, tables.contacts]) {
    for await (const _ of store.range({ ...keysUnder(prefix), limit: 1 })) return false
  }
  return true
}

function lostIdentity(): MessengerError {
  return new MessengerError(
    'STORE_DAMAGED',
    'The store has lost its identity but not what belongs to it; restore it from a backup'
  )
}

async function createOwn(
  store: Store,
  tables: Tables,
  name: string,
  now: number,
  random: RandomSource
): Promise<LoadedOwn> {
  const record = { identity: generateIdentity(random), name, createdAt: now, networkSeed: random(32) }
  const prekeys = issuePrekeys(undefined, record.identity, now, random)
  await putOwn(store, tables, record, prekeys)
  return { record, prekeys, isNew: true }
}

async function putOwn(store: Store, tables: Tables, record: OwnRecord, prekeys: Prekeys): Promise<void> {
  await store.commit([
    { type: 'put', key: tables.own, value: ownRecord.encode(record) },
    { type: 'put', key: tables.prekeys, value: prekeysRecord.encode(prekeys) }
  ])
}

/** The tables of what belongs to contacts, read along with the contacts themselves. */
class ContactScans {
  readonly conversations: TableScan
  readonly sessions: TableScan
  readonly skipped: TableScan
  readonly outboxes: TableScan

  constructor({ store, tables }: Context) {
    this.conversations = new TableScan(store, tables.allConversations)
    this.sessions = new TableScan(store, tables.allSessions)
    this.skipped = new TableScan(store, tables.allSkipped)
    this.outboxes = new TableScan(store, tables.allOutboxes)
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.conversations, this.sessions, this.skipped, this.outboxes].map((scan) => scan.close())
    )
  }
}

/** Bring contacts, sessions, outbox and invites from the store into memory; then {@link completeTags}. */
export async function restoreAll(context: Context): Promise<void> {
  const { store, tables } = context
  context.tags.gather()
  for await (const [, value] of store.range(keysUnder(tables.invites)))
    rememberInvite(context, inviteRecord.decode(value))
  const scans = new ContactScans(context)
  try {
    const turns = new Turns(context.clock)
    for await (const [, value] of store.range(keysUnder(tables.contacts))) {
      await restoreContact(context, scans, contactRecord.decode(value))
      await turns.next()
    }
  } finally {
    await scans.close()
  }
  await context.seen.load(store, tables, context.clock.now())
}

/** Compute the tags of all sessions, beside whatever else there is to do. Never rejects. */
export async function completeTags({ tags, clock, hmacsBeside, onFailure }: Context): Promise<void> {
  try {
    await tags.complete(new Turns(clock), hmacsBeside)
  } catch (error) {
    onFailure('tags', error)
  }
}

async function restoreContact(context: Context, scans: ContactScans, contact: ContactRecord): Promise<void> {
  const { tables } = context
  const [stored] = await scans.conversations.take(tables.conversation(contact.id))
  const conversation =
    (stored === undefined ? undefined : decodeReadable(stored[1], conversationRecord)) ??
    (await rebuildConversation(context, contact))
  const sessions = await scans.sessions.take(tables.sessions(contact.id))
  const state = { contact, conversation, sessions: sessions.map(([, value]) => sessionRecord.decode(value)) }
  context.queue.restore(await restoreSkipped(context, scans, state))
  for (const [, entry] of await scans.outboxes.take(tables.outboxOf(contact.id))) {
    context.outbox.add(toEntry(contact.id, outboxRecord.decode(entry)))
  }
}

/** Index the kept message keys, delete the expired ones, and count what each session really has. */
async function restoreSkipped(context: Context, scans: ContactScans, state: PeerState): Promise<PeerState> {
  const { store, tables, clock, tags } = context
  const { id } = state.contact
  const expired: Write[] = []
  const counts = new Map<string, number>()
  for (const [key, value] of await scans.skipped.take(tables.skippedOf(id))) {
    const place = parseSkippedKey(key)
    const { keptAt } = skippedRecord.decode(value)
    if (place === undefined || clock.now() > keptAt + SKIPPED_KEY_LIFETIME) {
      expired.push({ type: 'delete', key })
      continue
    }
    counts.set(place.sessionId, (counts.get(place.sessionId) ?? 0) + 1)
    tags.addSkipped(id, fromString(place.sessionId, 'base16'), fromString(place.tag, 'base16'))
  }
  if (expired.length > 0) await store.commit(expired)
  const sessions = state.sessions.map((session) => ({
    ...session,
    skippedCount: counts.get(toString(session.id, 'base16')) ?? 0
  }))
  return { ...state, sessions }
}

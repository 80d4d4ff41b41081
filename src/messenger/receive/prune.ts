import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import type { IdentityId } from '../../codec/ids.js'
import {
  BUNDLE_LIFETIME,
  DAY_MS,
  MAX_LIFETIME_DAYS,
  MAX_SKIPPED_PER_SESSION,
  PREKEY_RETENTION,
  SESSION_LIFETIME,
  SKIPPED_KEY_LIFETIME
} from '../../protocol/limits.js'
import { acceptedHelloRecord } from '../../storage/records/accepted-hello-record.js'
import { skippedRecord } from '../../storage/records/skipped-record.js'
import { keysUnder, parseSkippedKey } from '../../storage/records/tables.js'
import type { Write } from '../../storage/store.js'
import type { Context } from '../context.js'
import { findSession, type PeerState } from '../peer-state.js'
import { sendingSession } from '../send/seal.js'
import type { Unit } from '../unit.js'
import { Seen } from './seen.js'

/** How long a hello that was accepted could be accepted again: as long as its prekeys are kept, ms. */
const HELLO_MEMORY = BUNDLE_LIFETIME + PREKEY_RETENTION + MAX_LIFETIME_DAYS * DAY_MS
/** Skipped keys a crowded session keeps: the newest half, so that it has room again. */
const SKIPPED_AFTER_CROWDING = MAX_SKIPPED_PER_SESSION / 2

/** Delete what has outlived its use: sessions nobody sends on, skipped keys, and the memory of old hellos and envelopes. */
export async function prune(context: Context): Promise<void> {
  const now = context.clock.now()
  for (const [id, state] of context.queue.states) if (hasOld(state, now)) await pruneContact(context, id)
  await pruneHellos(context, now)
  await Seen.prune(context.store, context.tables, now)
}

function hasOld(state: PeerState, now: number): boolean {
  return state.sessions.some(
    ({ createdAt, skippedCount }) => skippedCount > 0 || now > createdAt + SESSION_LIFETIME
  )
}

/** Drop a contact's old sessions, its expired skipped keys, and the oldest ones of a session that has too many. */
export async function pruneContact(context: Context, id: IdentityId, isCrowded = false): Promise<void> {
  await context.queue.run(id, async (unit) => {
    if (unit.state === undefined) return
    const now = context.clock.now()
    const inUse = sendingSession(context, unit.state, now)
    const kept = unit.state.sessions.filter(
      (session) => session === inUse || now <= session.createdAt + SESSION_LIFETIME
    )
    const bySession = await readSkipped(context, unit, id)
    const sessions = kept.map((session) => {
      const name = toString(session.id, 'base16')
      const mine = bySession.get(name) ?? []
      const room = isCrowded ? SKIPPED_AFTER_CROWDING : MAX_SKIPPED_PER_SESSION
      const fresh = mine.filter(({ keptAt }) => now <= keptAt + SKIPPED_KEY_LIFETIME).slice(-room)
      bySession.set(
        name,
        mine.filter((skipped) => !fresh.includes(skipped))
      )
      return fresh.length === session.skippedCount ? session : { ...session, skippedCount: fresh.length }
    })
    forget(context, unit, [...bySession.values()].flat())
    unit.state = { ...unit.state, sessions }
  })
}

/** Have the oldest skipped keys of a contact make room, soon; then what was refused for want of it may be taken. */
export function makeRoom(context: Context, id: IdentityId): void {
  pruneContact(context, id, true).then(
    () => {
      context.lookThrough(id)
    },
    (error: unknown) => {
      context.onFailure('prune', error)
    }
  )
}

/** Delete the skipped keys of a contact's sessions that are gone, whatever the clock says: they are of use to nobody but a thief. */
export async function pruneOrphans(context: Context, id: IdentityId): Promise<void> {
  await context.queue.run(id, async (unit) => {
    const sessions = new Set(unit.state?.sessions.map((session) => toString(session.id, 'base16')))
    for (const [name, skipped] of await readSkipped(context, unit, id)) {
      if (!sessions.has(name)) forget(context, unit, skipped)
    }
  })
}

/** Whether a session is gone that has keys in store. */
export function leavesKeys(before: PeerState, after: PeerState): boolean {
  return before.sessions.some(
    ({ id, skippedCount }) => skippedCount > 0 && findSession(after, id) === undefined
  )
}

interface Skipped {
  readonly key: string
  readonly tag: Uint8Array
  readonly keptAt: number
}

function forget({ tags }: Context, unit: Unit, skipped: readonly Skipped[]): void {
  for (const { key, tag } of skipped) {
    unit.delete(key)
    unit.after(() => {
      tags.remove(tag)
    })
  }
}

/** A contact's skipped keys by session, oldest first; those of sessions that are gone among them. */
async function readSkipped({ tables }: Context, unit: Unit, id: IdentityId): Promise<Map<string, Skipped[]>> {
  const bySession = new Map<string, Skipped[]>()
  for (const [key, value] of await unit.records(tables.skippedOf(id))) {
    const place = parseSkippedKey(key)
    if (place === undefined) continue
    const skipped = { key, tag: fromString(place.tag, 'base16'), keptAt: skippedRecord.decode(value).keptAt }
    const known = bySession.get(place.sessionId)
    if (known === undefined) bySession.set(place.sessionId, [skipped])
    else known.push(skipped)
  }
  for (const skipped of bySession.values()) skipped.sort((one, other) => one.keptAt - other.keptAt)
  return bySession
}

async function pruneHellos(context: Context, now: number): Promise<void> {
  const old: Write[] = []
  for await (const [key, value] of context.store.range(keysUnder(context.tables.hellos))) {
    if (now > acceptedHelloRecord.decode(value).acceptedAt + HELLO_MEMORY) old.push({ type: 'delete', key })
  }
  if (old.length > 0) await context.store.commit(old)
}

import {
  BUNDLE_LIFETIME,
  MAX_LIFETIME_DAYS,
  DAY_MS,
  PREKEY_RETENTION,
  SESSION_LIFETIME
} from '../protocol/limits.js'
import { acceptedHelloRecord } from '../storage/records/accepted-hello-record.js'
import { keysUnder } from '../storage/records/tables.js'
import type { Write } from '../storage/store.js'
import type { Context } from './context.js'
import { sendingSession } from './seal.js'

/** How long a hello that was accepted could be accepted again: as long as its prekeys are kept, ms. */
const HELLO_MEMORY = BUNDLE_LIFETIME + PREKEY_RETENTION + MAX_LIFETIME_DAYS * DAY_MS

/** Delete what has outlived its use: sessions nobody sends on, with their skipped keys, and the memory of old hellos. */
export async function prune(context: Context): Promise<void> {
  const now = context.clock.now()
  for (const [id, state] of context.queue.states) {
    const isOld = (createdAt: number): boolean => now > createdAt + SESSION_LIFETIME
    if (state.sessions.length < 2 || !state.sessions.some(({ createdAt }) => isOld(createdAt))) continue
    await context.queue.run(id, async (unit) => {
      if (unit.state === undefined) return
      const inUse = sendingSession(context, unit.state, now)
      const kept = unit.state.sessions.filter((session) => session === inUse || !isOld(session.createdAt))
      for (const { id: sessionId } of unit.state.sessions.filter((session) => !kept.includes(session))) {
        for await (const [key] of context.store.range(
          keysUnder(context.tables.skippedOfSession(id, sessionId))
        ))
          unit.delete(key)
      }
      unit.state = { ...unit.state, sessions: kept }
    })
  }
  await pruneHellos(context, now)
}

async function pruneHellos(context: Context, now: number): Promise<void> {
  const old: Write[] = []
  for await (const [key, value] of context.store.range(keysUnder(context.tables.hellos))) {
    if (now > acceptedHelloRecord.decode(value).acceptedAt + HELLO_MEMORY) old.push({ type: 'delete', key })
  }
  if (old.length > 0) await context.store.commit(old)
}

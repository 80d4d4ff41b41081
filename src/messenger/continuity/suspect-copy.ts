import { DAY_MS } from '../../protocol/limits.js'
import type { ContinuityRecord, RenewalReason } from '../../storage/records/continuity-record.js'
import { updateContinuity } from './continuity.js'
import type { Context } from '../context.js'
import { renewIdentity } from './renew.js'

/** Renewals by somebody else's word at most once in this time, ms, and so often in a week: each costs a session with everybody. */
const BETWEEN = DAY_MS
const MAX_PER_WEEK = 3

/**
 * Somebody's word shows that another device went on from this state, or this one has lost what it did. Renew, if that was not done for the
 * like a moment ago: then two go on at once, and only their user can say which of them is to be.
 */
export function suspectCopy(
  context: Context,
  reason: Extract<RenewalReason, 'receipt' | 'bundle'>,
  seq = 0
): void {
  const { own } = context
  if (own.renewal !== undefined || own.continuity.contested) return
  const work = mayRenew(own.continuity, context.clock.now())
    ? renewIdentity(context, reason, seq)
    : contest(context, reason)
  work.catch((error: unknown) => {
    context.onFailure('renewal', error)
  })
}

function mayRenew({ renewals }: ContinuityRecord, now: number): boolean {
  const ages = renewals.map(({ at }) => Math.abs(now - at))
  return ages.every((age) => age > BETWEEN) && ages.filter((age) => age < 7 * DAY_MS).length < MAX_PER_WEEK
}

async function contest(context: Context, reason: RenewalReason): Promise<void> {
  await updateContinuity(context, { contested: true })
  context.events.emit('identity:copy', { reason, renewed: false })
}

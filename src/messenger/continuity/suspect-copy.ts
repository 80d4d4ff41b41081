import type { RenewalReason } from '../../storage/records/continuity-record.js'
import { updateContinuity } from './continuity.js'
import type { Context } from '../context.js'
import { mayRenew } from '../renewal-limit.js'
import { renewIdentity } from './renew.js'

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
  const before = own.continuity.renewals.map(({ at }) => at)
  // Each costs a session with everybody.
  const work = mayRenew(before, context.clock.now())
    ? renewIdentity(context, reason, seq)
    : contest(context, reason)
  work.catch((error: unknown) => {
    context.onFailure('renewal', error)
  })
}

async function contest(context: Context, reason: RenewalReason): Promise<void> {
  await updateContinuity(context, { contested: true })
  context.events.emit('identity:copy', { reason, renewed: false })
}

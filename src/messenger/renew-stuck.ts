import type { Context } from './context.js'
import { withUsedInvite, type PeerState } from './peer-state.js'
import { resealUnacknowledged } from './send/reseal.js'
import { renewSession, sendingSession } from './send/seal.js'
import { mayRenew } from './renewal-limit.js'
import { isReachable } from './status.js'

/** Publishes of one message without a receipt after which its session is in doubt, while the contact is there: some minutes. */
const IN_VAIN_WHILE_THERE = 6
/** The same while nobody knows whether the contact is there: some hours. */
const IN_VAIN = 40

/**
 * Begin another session with contacts who do not acknowledge what they must have heard: one side has lost what it knew of the session, by an
 * old copy of its store or a damaged record, and neither can tell the other. A failure to decrypt is no reason, for anybody can cause one.
 */
export async function renewStuck(context: Context): Promise<void> {
  for (const [id, state] of context.queue.states) {
    if (!isStuck(context, state)) continue
    const renewed = context.queue.run(id, async (unit) => {
      if (unit.state !== undefined && isDoubtful(context, unit.state)) unit.state = withUsedInvite(unit.state)
      if (renewSession(context, unit)) await resealUnacknowledged(context, unit)
    })
    // One damaged record must not keep the others waiting.
    await renewed.catch((error: unknown) => {
      context.onFailure('renew', error)
    })
  }
}

function isStuck(context: Context, state: PeerState): boolean {
  const entries = context.outbox.of(state.contact.id)
  // Looked at every minute: with most contacts nothing waits.
  if (entries.size === 0) return false
  const now = context.clock.now()
  const session = sendingSession(context, state, now)
  if (session === undefined) return false
  const begun = state.sessions.map(({ createdAt }) => createdAt)
  // What is in doubt is so once for each card.
  if (session.opening === undefined ? !mayRenew(begun, now) : !isDoubtful(context, state)) return false
  const limit = isReachable(context, state) ? IN_VAIN_WHILE_THERE : IN_VAIN
  for (const { sealed, transmission } of entries.values()) {
    // The oldest: what follows it may only not be recognised yet.
    if (sealed) return transmission.attempts >= limit
  }
  return false
}

/** Whether somebody who has answered before does not answer what was begun with an invite: the card it is of may be another's by now. */
function isDoubtful(context: Context, state: PeerState): boolean {
  const session = sendingSession(context, state, context.clock.now())
  return session?.opening?.invite !== undefined && state.conversation.heardAt > 0
}

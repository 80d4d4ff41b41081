import type { Context } from './context.js'
import type { Unit } from './contact-queue.js'
import { withContact } from './peer-state.js'
import { enqueueBody } from './enqueue.js'
import { compareBytes } from '../protocol/compare-bytes.js'
import { expiryDay } from '../protocol/envelope/envelope.js'
import { DAY_MS, DEFAULT_LIFETIME_DAYS } from '../protocol/limits.js'
import { STREAM_BYTES, type Body } from '../protocol/message/payload.js'
import { sendingSession } from './seal.js'

/**
 * Tell a contact our name, addresses and newest bundle, if they are not what it was told last or it is to be told again. Only once it has answered: before that there is
 * nobody to tell.
 */
export async function enqueueProfile(
  context: Context,
  unit: Unit,
  when: 'changed' | 'again' = 'changed'
): Promise<void> {
  const { state } = unit
  if (state === undefined || state.contact.blocked || state.contact.change !== undefined) return
  const now = context.clock.now()
  const session = sendingSession(context, state, now)
  if (session === undefined || session.opening !== undefined) return
  const { profile, digest } = context.profile.current()
  if (when === 'changed' && compareBytes(digest, state.contact.toldProfile) === 0) return
  unit.state = withContact(state, { toldProfile: digest })
  const { conversation } = state
  const stream = context.own.record.identity.incarnation.subarray(0, STREAM_BYTES)
  const body: Body = {
    stream,
    number: conversation.nextNumber,
    clock: conversation.order.clock,
    parents: [],
    sentAt: now,
    profile
  }
  await enqueueBody(context, unit, body, '', expiryDay(now, DEFAULT_LIFETIME_DAYS * DAY_MS))
}

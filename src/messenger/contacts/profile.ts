import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { withContact } from '../peer-state.js'
import { enqueueBody } from '../send/enqueue.js'
import { compareBytes } from '../../protocol/compare-bytes.js'
import { expiryDay } from '../../protocol/envelope/envelope.js'
import { DAY_MS, DEFAULT_LIFETIME_DAYS } from '../../protocol/limits.js'
import { streamOf, type Body } from '../../protocol/message/payload.js'
import { sendingSession } from '../send/seal.js'

/** What stands for a profile once a contact was told who we are and has not answered yet. */
const INTRODUCED = new Uint8Array([1])
/** And for what a stranger was told, until it is one no more. */
const TOLD_TO_STRANGER = new Uint8Array([2])

/**
 * Tell a contact our name, addresses and newest bundle, if they are not what it was told last or it is to be told again. A contact that has
 * not answered yet is told once who we are, without the bundle, which would not fit a small hello.
 */
export function enqueueProfile(context: Context, unit: Unit, when: 'changed' | 'again' = 'changed'): void {
  const { state } = unit
  if (state === undefined || state.contact.blocked || state.contact.change !== undefined) return
  const now = context.clock.now()
  const session = sendingSession(context, state, now)
  const isAnswered = session !== undefined && session.opening === undefined
  const { toldProfile } = state.contact
  const current = context.profile.current()
  const isTold = compareBytes(toldProfile, state.contact.accepted ? current.digest : TOLD_TO_STRANGER) === 0
  if (isAnswered && when === 'changed' && isTold) return
  if (!isAnswered && when === 'changed' && toldProfile.length > 0) return
  // A stranger is answered, and learns our name; where we are is for those our user writes to.
  const known = state.contact.accepted ? current.profile : { ...current.profile, addresses: [] }
  const profile = isAnswered ? known : { ...known, bundle: new Uint8Array(0) }
  const told = state.contact.accepted ? current.digest : TOLD_TO_STRANGER
  unit.state = withContact(state, { toldProfile: isAnswered ? told : INTRODUCED })
  const { conversation } = state
  const stream = streamOf(context.own.record.identity)
  const body: Body = {
    stream,
    number: conversation.nextNumber,
    clock: conversation.order.clock,
    parents: [],
    sentAt: now,
    profile
  }
  enqueueBody(unit, body, '', expiryDay(now, DEFAULT_LIFETIME_DAYS * DAY_MS))
}

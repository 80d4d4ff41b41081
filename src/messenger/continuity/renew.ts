import type { IdentityId } from '../../codec/ids.js'
import { compareBytes } from '../../protocol/compare-bytes.js'
import { INCARNATION_BYTES } from '../../protocol/identity/identity.js'
import { MAX_INVITED_HELLOS, MAX_STREAMS } from '../../protocol/limits.js'
import { renewPrekeys } from '../../protocol/prekeys/prekeys.js'
import { continuityRecord, type RenewalReason } from '../../storage/records/continuity-record.js'
import { ownRecord, prekeysRecord } from '../../storage/records/own-record.js'
import { updateContinuity } from './continuity.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { spent, withContact, withConversation } from '../peer-state.js'
import { inOwnTurn } from '../contacts/own-identity.js'
import { enqueueProfile } from '../contacts/profile.js'
import { resealUnacknowledged } from '../send/reseal.js'

/**
 * How far numbering jumps with a new stream: no incarnation gives out so many, so a number says of which one it is, and a receipt for what a
 * copy sent under the old one is never taken for a receipt of something else.
 */
const NUMBER_JUMP = 2 ** 32
/** Renewals remembered: more than a week may have. */
const MAX_RENEWALS = 8

/**
 * Take a new incarnation: this state may be a copy, so nothing may be sealed any more with what it holds. Old sessions only receive; there are new
 * prekeys and a new stream; what was not acknowledged is sealed again, under its old ids; contacts are told. The prekeys' number is above `seq`.
 */
export async function renewIdentity(context: Context, reason: RenewalReason, seq = 0): Promise<void> {
  const { own } = context
  // Two at once are one.
  if (own.renewal !== undefined) {
    await own.renewal
    return
  }
  own.renewal = renewNow(context, reason, seq).finally(() => {
    delete own.renewal
  })
  await own.renewal
  context.events.emit('identity:copy', { reason, renewed: true })
  for (const id of context.queue.states.keys()) context.sealSoon(id)
  greetAfterLoss(context)
}

/** From its first moment until it is over nothing is sealed: what waits, waits for the new incarnation. */
async function renewNow(context: Context, reason: RenewalReason, seq: number): Promise<void> {
  const { own, queue } = context
  await updateContinuity(context, { due: reason })
  for (const id of [...queue.states.keys()]) {
    await queue.run(id, async (unit) => {
      await leaveStream(context, unit)
    })
  }
  // Two issues at once would bear one number.
  while (own.rotation !== undefined) await own.rotation
  own.rotation = inOwnTurn(own, () => takeIncarnation(context, reason, seq)).finally(() => {
    delete own.rotation
  })
  await own.rotation
}

async function leaveStream(context: Context, unit: Unit): Promise<void> {
  if (unit.state === undefined) return
  const { contact, conversation } = unit.state
  const { invite } = contact
  unit.state = withConversation(unit.state, { nextNumber: conversation.nextNumber + NUMBER_JUMP })
  if (invite !== undefined) {
    // Hellos may have been made with it that are not known here, and its one-time key may be gone.
    unit.state = withContact(unit.state, {
      invite: { ...spent(invite), count: invite.count + MAX_INVITED_HELLOS / 2 }
    })
  }
  await resealUnacknowledged(context, unit)
}

async function takeIncarnation(context: Context, reason: RenewalReason, seq: number): Promise<void> {
  const { own, clock, random, store, tables } = context
  const now = clock.now()
  const record = {
    ...own.record,
    identity: { ...own.record.identity, incarnation: random(INCARNATION_BYTES) }
  }
  const prekeys = renewPrekeys(own.prekeys, record.identity, seq, now, random)
  const { due: _done, ...known } = own.continuity
  // At once: what else changes it until this is stored writes the whole of it, too.
  own.continuity = {
    ...known,
    former: [...known.former, own.record.identity.incarnation].slice(-MAX_STREAMS),
    firstSeq: prekeys.seq,
    renewals: [...known.renewals, { at: Math.floor(now), reason }].slice(-MAX_RENEWALS),
    contested: false
  }
  try {
    await store.commit([
      { type: 'put', key: tables.own, value: ownRecord.encode(record) },
      { type: 'put', key: tables.prekeys, value: prekeysRecord.encode(prekeys) },
      { type: 'put', key: tables.continuity, value: continuityRecord.encode(own.continuity) }
    ])
  } catch (error) {
    const { former, firstSeq, renewals, contested } = known
    own.continuity = { ...own.continuity, former, firstSeq, renewals, contested, due: reason }
    throw error
  }
  Object.assign(own, { record, prekeys })
}

/**
 * Tell contacts with whom there were sessions and none is left to send on, because their records are damaged or this device has taken a new
 * incarnation: until they learn of it they write to who is no more. One after the other, for each may cost a proof of work.
 */
export function greetAfterLoss(context: Context): void {
  const greet = async (): Promise<void> => {
    for (const id of [...context.queue.states.keys()]) await greetIfLost(context, id)
  }
  greet().catch((error: unknown) => {
    context.onFailure('greet', error)
  })
}

async function greetIfLost(context: Context, id: IdentityId): Promise<void> {
  const state = context.queue.states.get(id)
  if (!context.state.started || state === undefined || state.contact.generation === 0) return
  const { incarnation } = context.own.record.identity
  const isLost = state.sessions.every((session) => compareBytes(session.ownIncarnation, incarnation) !== 0)
  // A stranger is not told where we are again; what waits for somebody tells it all the same.
  const isTold = !state.contact.accepted && state.sessions.length > 0
  if (!isLost || isTold || context.outbox.messagesTo(id) > 0) return
  await context.queue.run(id, (unit) => {
    enqueueProfile(context, unit, 'again')
  })
}

import { compareBytes } from '../../protocol/compare-bytes.js'
import { parseBundle, type Bundle } from '../../protocol/prekeys/bundle.js'
import type { ContactRecord, IdentityChange } from '../../storage/records/contact-record.js'
import { emitContact } from '../announce.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { withContact, withUsedInvite } from '../peer-state.js'
import { resealUnacknowledged } from '../send/reseal.js'

/** Stop sending to a contact until its user decides, and say so. */
export function reportChange(
  context: Context,
  unit: Unit,
  change: IdentityChange,
  changedDhKey?: Uint8Array
): void {
  const { state } = unit
  if (state?.contact.change !== undefined || state === undefined) return
  unit.state = withContact(state, {
    change,
    verified: false,
    ...(changedDhKey === undefined ? {} : { changedDhKey })
  })
  const contactId = state.contact.id
  unit.after(() => {
    context.events.emit('identity:change', { contactId, change })
    emitContact(context, contactId)
  })
}

/** Whether a key is the one that its user's acceptance of a change has replaced: what still comes with it is no change back. */
export function isFormerKey(contact: ContactRecord, dhKey: Uint8Array): boolean {
  return contact.formerDhKey !== undefined && compareBytes(contact.formerDhKey, dhKey) === 0
}

/**
 * Keep a bundle whose signature was checked: the newest `seq` wins, the same `seq` with other bytes is evidence of a second holder of
 * the key, and another X25519 key under the same signing key is an identity change.
 */
export async function adoptBundle(context: Context, unit: Unit, bundle: Bundle): Promise<void> {
  const { state } = unit
  if (state === undefined || compareBytes(bundle.signingKey, state.contact.signingKey) !== 0) return
  const { contact } = state
  if (compareBytes(bundle.dhKey, contact.dhKey) !== 0) {
    // Left over from before a change that was accepted: caches keep bundles for weeks.
    if (isFormerKey(contact, bundle.dhKey)) return
    reportChange(context, unit, 'device-key', bundle.dhKey)
    return
  }
  const known = contact.bundle === undefined ? undefined : parseBundle(contact.bundle)
  const knownSeq = known?.kind === 'decoded' ? known.bundle.seq : 0
  if (
    contact.bundle !== undefined &&
    bundle.seq === knownSeq &&
    compareBytes(bundle.encoded, contact.bundle) !== 0
  ) {
    unit.state = withContact(state, { contradiction: bundle.encoded })
    reportChange(context, unit, 'equivocation')
    return
  }
  if (bundle.seq <= knownSeq) return
  // An older bundle than the newest certificate says nothing of the incarnation.
  const newest = bundle.seq >= contact.seq ? { seq: bundle.seq, incarnation: bundle.incarnation } : {}
  const lostState =
    newest.incarnation !== undefined &&
    contact.incarnation.length > 0 &&
    compareBytes(newest.incarnation, contact.incarnation) !== 0
  unit.state = withContact(state, { bundle: bundle.encoded, ...newest })
  if (!lostState) return
  unit.state = withUsedInvite(unit.state)
  await resealUnacknowledged(context, unit)
}

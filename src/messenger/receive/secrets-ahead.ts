import type { IdentityId } from '../../codec/ids.js'
import type { HmacsBeside } from '../../platform/platform.js'
import type { TagRun } from '../../protocol/ratchet/expected-tags.js'
import { blocksOf } from '../../protocol/ratchet/kdf.js'

/** Contacts whose secrets are derived while the tags of as many before them are put in: a few milliseconds of work, mostly some hundred kilobytes. */
export const CONTACTS_AT_ONCE = 32

/** A run of whole blocks with the secrets of its tags, one after the other. */
export interface DerivedRun extends TagRun {
  readonly secrets: Uint8Array
}

export type Derived = readonly [contactId: IdentityId, runs: readonly DerivedRun[]]

/** The contacts in their order, each with what of its runs `hmacsBeside` has derived. Those after it are handed over all at once: threads that wake for each take longer. */
export async function* secretsAhead(
  contacts: Iterable<IdentityId>,
  runsOf: (contactId: IdentityId) => readonly TagRun[],
  hmacsBeside: HmacsBeside
): AsyncGenerator<Derived> {
  let ready: Promise<Derived>[] = []
  let ahead: Promise<Derived>[] = []
  for (const contactId of contacts) {
    ahead.push(derive(contactId, runsOf(contactId), hmacsBeside))
    if (ahead.length < CONTACTS_AT_ONCE) continue
    for (const each of ready) yield await each
    ready = ahead
    ahead = []
  }
  for (const each of ready) yield await each
  for (const each of ahead) yield await each
}

async function derive(
  contactId: IdentityId,
  runs: readonly TagRun[],
  hmacsBeside: HmacsBeside
): Promise<Derived> {
  const derived = await Promise.all(
    runs.map(async (run) => {
      const { first, count } = blocksOf(run.from, run.to)
      const secrets = await hmacsBeside(run.tagKey, first, count)
      return secrets === undefined ? [] : [{ ...run, secrets }]
    })
  )
  return [contactId, derived.flat()]
}

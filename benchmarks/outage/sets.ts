import { sha256 } from '../../src/crypto/hash.js'
import { MIN_ENVELOPE_BYTES } from '../../src/protocol/limits.js'
import { envelopeId, type Item } from '../../src/protocol/sync/item.js'
import { seededSource } from '../../src/simulator/seeded-source.js'
import type { Missable } from './side.js'

/** Days that what is common to both expires on. */
const DAYS = 30
const FIRST_DAY = 20_000

/** Whether what is missed expires later than all that is common, as nothing crossed since the cut, or is spread among it. */
export type Layout = 'newest' | 'scattered'

/** What two sides hold: much in common, of which only the ids matter, and each something that the other misses. */
export interface Sets {
  readonly shared: readonly Item[]
  readonly opener: readonly Missable[]
  readonly taker: readonly Missable[]
}

/** Two sides with so many envelopes in common, and `missing` on one of them only, half on each. */
export function makeSets(common: number, missing: number, layout: Layout): Sets {
  const seed = `${layout} ${String(common)} ${String(missing)}`
  const random = seededSource(seed)
  const dayOf = (index: number): number => FIRST_DAY + (layout === 'newest' ? DAYS : index % DAYS)
  const shared = Array.from({ length: common }, (_, index): Item => ({
    day: FIRST_DAY + (index % DAYS),
    id: sha256(new TextEncoder().encode(`${seed} ${String(index)}`))
  }))
  const envelopes = Array.from({ length: missing }, (_, index): Missable => {
    const bytes = random(MIN_ENVELOPE_BYTES)
    const day = dayOf(index)
    bytes.set([day >> 8, day & 0xff])
    return { item: itemOf(bytes), bytes }
  })
  const half = Math.ceil(missing / 2)
  return { shared, opener: envelopes.slice(0, half), taker: envelopes.slice(half) }
}

/** The day is in the first bytes of these envelopes. */
export function itemOf(envelope: Uint8Array): Item {
  return { day: (envelope[0] ?? 0) * 256 + (envelope[1] ?? 0), id: envelopeId(envelope) }
}

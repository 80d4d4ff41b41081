import { SOURCE_SHARE, STRANGER_SHARE } from '../limits.js'

/** Whose envelope it is, as far as its keeper can tell: what it is worth when room runs out. */
export type Standing = 'stranger' | 'contact' | 'own'

/** An envelope that might make room. */
export interface Evictable {
  readonly isExpired: boolean
  readonly standing: Standing
  /** Names who handed it over. */
  readonly source: number
  /** How often this node has given it away: each copy makes its own less needed. */
  readonly forwards: number
}

/** Bytes kept in all, by source and of strangers. */
export interface Usage {
  readonly quota: number
  readonly bySource: (source: number) => number
  readonly ofStrangers: number
}

const FORWARDS = 0x1_0000

/**
 * The place of an envelope among those that make room, the lowest first: expired; of a stranger above its share; of strangers while they
 * are above theirs; of other strangers; of contacts, whatever they gave; own. Within each those most often given away go first (resilience: on a trace of contacts, four times
 * as many survive with room for 20 as when the oldest go).
 */
export function evictionRank({ isExpired, standing, source, forwards }: Evictable, usage: Usage): number {
  const rest = Math.max(0, FORWARDS - 1 - forwards)
  if (isExpired) return rest
  if (standing === 'own') return 5 * FORWARDS + rest
  if (standing === 'contact') return 4 * FORWARDS + rest
  if (usage.bySource(source) > usage.quota * SOURCE_SHARE) return FORWARDS + rest
  return (usage.ofStrangers > usage.quota * STRANGER_SHARE ? 2 : 3) * FORWARDS + rest
}

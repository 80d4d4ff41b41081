import { EMERGENCY_PERIOD, MAX_EMERGENCIES } from '../limits.js'

/** How much a message matters to its author. */
export type Priority = 'routine' | 'urgent' | 'emergency'

/** By their numbers on the wire and in records; the greater goes first. */
const PRIORITIES: readonly Priority[] = ['routine', 'urgent', 'emergency']

/** All of them, the most pressing first. */
export const PRESSING_FIRST: readonly Priority[] = ['emergency', 'urgent', 'routine']

/** The number of a priority: the greater goes first. */
export function rankOf(priority: Priority): number {
  return PRIORITIES.indexOf(priority)
}

/** The priority with this number; absent or unknown, it is routine: what a later version means by it nobody here can say. */
export function priorityOf(rank: number | undefined): Priority {
  return PRIORITIES[rank ?? 0] ?? 'routine'
}

/** What a message counts as, and when the emergencies were that count, epoch ms. */
export interface CountedPriority {
  readonly priority: Priority
  readonly emergencies: readonly number[]
}

/**
 * What a received message counts as. What a stranger says is routine, whatever it claims; of somebody accepted as a contact, what goes beyond
 * {@link MAX_EMERGENCIES} within {@link EMERGENCY_PERIOD} is urgent. `emergencies`: when those before it came that counted.
 */
export function countPriority(
  claimed: Priority,
  isAccepted: boolean,
  emergencies: readonly number[],
  now: number
): CountedPriority {
  if (!isAccepted) return { priority: 'routine', emergencies }
  if (claimed !== 'emergency') return { priority: claimed, emergencies }
  // A clock that was set back has not been there yet: what it says to come is of no account.
  const recent = emergencies.filter((at) => Math.abs(now - at) < EMERGENCY_PERIOD)
  if (recent.length >= MAX_EMERGENCIES) return { priority: 'urgent', emergencies: recent }
  return { priority: 'emergency', emergencies: [...recent, now] }
}

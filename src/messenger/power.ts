import { MessengerError } from '../errors.js'

/** By how much the battery must have recovered before others are served again: a level that trembles must not switch to and fro. */
const RECOVERY = 0.05

/** What an app knows of its device's battery. */
export interface PowerReading {
  /** 0 (empty) to 1 (full). */
  readonly level: number
  readonly charging?: boolean | undefined
}

/** Whether nothing is to be done for others: the battery is not above the threshold, and nothing charges it. */
export function restsAt(
  { level, charging = false }: PowerReading,
  carryAbove: number | undefined,
  isResting: boolean
): boolean {
  if (carryAbove === undefined || charging) return false
  // At a full battery nobody rests, however high the threshold.
  return level < 1 && level <= carryAbove + (isResting ? RECOVERY : 0)
}

/** Throws `OPTIONS_INVALID` for what is no level of a battery. */
export function checkLevel(level: unknown, what: string): number {
  if (!(typeof level === 'number' && level >= 0 && level <= 1))
    throw new MessengerError('OPTIONS_INVALID', `${what} is a number from 0 (empty) to 1 (full)`)
  return level
}

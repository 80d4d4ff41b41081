/** What was spent, minute by minute: the last hour and what has begun of the next minute. */
export interface Ledger {
  /** Minutes since the epoch of the newest slot. */
  readonly minute: number
  /** Bytes of each minute, the newest first; at most {@link LEDGER_SLOTS}. */
  readonly slots: readonly number[]
}

const MINUTE = 60_000
/** An hour ends in the midst of a minute, so that it touches one more than sixty. */
export const LEDGER_SLOTS = 61

export const EMPTY_LEDGER: Ledger = { minute: 0, slots: [] }

/** The ledger as it stands now: what is older than an hour is forgotten. */
export function turnTo(ledger: Ledger, now: number): Ledger {
  const minute = Math.floor(now / MINUTE)
  const passed = minute - ledger.minute
  // A clock that was set back forgives nothing, and locks nobody out until it is where it was.
  if (passed < 0) return { ...ledger, minute }
  if (passed === 0) return ledger
  const gap = new Array<number>(Math.min(passed, LEDGER_SLOTS)).fill(0)
  return { minute, slots: [...gap, ...ledger.slots].slice(0, LEDGER_SLOTS) }
}

/** The ledger with so many bytes more; with less than were thought, if negative. */
export function spend(ledger: Ledger, bytes: number, now: number): Ledger {
  const { minute, slots } = turnTo(ledger, now)
  const spent = slots.slice()
  spent[0] = Math.max(0, (slots[0] ?? 0) + bytes)
  return { minute, slots: spent }
}

/** Bytes spent within the last hour. */
export function spentWithin(ledger: Ledger, now: number): number {
  return turnTo(ledger, now).slots.reduce((sum, bytes) => sum + bytes, 0)
}

/** When so many bytes more fit under `most`, epoch ms: `now` if they do already, `Infinity` if they never will. */
export function fitsAt(ledger: Ledger, bytes: number, most: number, now: number): number {
  const { minute, slots } = turnTo(ledger, now)
  let spent = slots.reduce((sum, slot) => sum + slot, 0)
  if (spent + bytes <= most) return now
  for (let age = slots.length - 1; age >= 0; age--) {
    spent -= slots[age] ?? 0
    if (spent + bytes <= most) return (minute - age + LEDGER_SLOTS) * MINUTE
  }
  return Infinity
}

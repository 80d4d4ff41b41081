/** A time when somebody was not there, ms. */
export interface Outage {
  readonly from: number
  readonly to: number
}

/** Milliseconds from writing a message to knowing that it is delivered, by its number. */
export type RoundTrips = ReadonlyMap<number, number>

/** The round trips of all messages that were written and delivered while both sides were there. */
export function roundTrips(
  writtenAt: ReadonlyMap<number, number>,
  deliveredAt: ReadonlyMap<number, number>,
  outages: readonly Outage[] = []
): RoundTrips {
  const trips = new Map<number, number>()
  for (const [number, start] of writtenAt) {
    const end = deliveredAt.get(number)
    if (end !== undefined && !outages.some(({ from, to }) => start < to && end > from))
      trips.set(number, end - start)
  }
  return trips
}

/** The value below which `share` (0 to 1) of the values lie; `undefined` of none. */
export function quantile(values: Iterable<number>, share: number): number | undefined {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Milliseconds as people read them; from a second on, seconds. */
export function inMilliseconds(value: number | undefined): string {
  if (value === undefined) return '–'
  return value >= 1000 ? inSeconds(value) : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
}

export function inSeconds(value: number): string {
  return `${(value / 1000).toFixed(2)} s`
}

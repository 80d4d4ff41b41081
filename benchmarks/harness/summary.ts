import type { Unit } from './question.js'

export interface Summary {
  readonly unit: Unit
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The value below which a share of the samples lies, by the nearest rank; `share` 0.5 of an even number is the lower middle. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((one, other) => one - other)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  const value = sorted[rank - 1]
  if (value === undefined) throw new RangeError('There is no percentile of nothing')
  return value
}

/** Middle, least and largest of the measurements, to four digits: more would be noise. */
export function summarise(unit: Unit, samples: readonly number[]): Summary {
  const sorted = samples.toSorted((one, other) => one - other)
  const half = sorted.length / 2
  const middle = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1)
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length
  return { unit, median: rounded(median), min: rounded(sorted[0] ?? NaN), max: rounded(sorted.at(-1) ?? NaN) }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

/**
 * A set of numbers as runs of first number and count, ascending and not touching: what has been sent, received or delivered of a
 * stream. In order it is one run, whatever its length.
 */
export type Ranges = readonly (readonly [first: number, count: number])[]

export const NO_RANGES: Ranges = []

/** Index of the first run that ends after `number`. */
function runAfter(ranges: Ranges, number: number): number {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const [first, count] = ranges[middle] ?? [0, 0]
    if (first + count <= number) low = middle + 1
    else high = middle
  }
  return low
}

function endOf([first, count]: Ranges[number]): number {
  return first + count
}

export function hasNumber(ranges: Ranges, number: number): boolean {
  const run = ranges[runAfter(ranges, number)]
  return run !== undefined && run[0] <= number
}

/** The set with `number` in it; the same object if it was. */
export function addNumber(ranges: Ranges, number: number): Ranges {
  const last = ranges.at(-1)
  // In order, which is nearly always.
  if (last !== undefined && endOf(last) === number) return [...ranges.slice(0, -1), [last[0], last[1] + 1]]
  const index = runAfter(ranges, number)
  const after = ranges[index]
  if (after !== undefined && after[0] <= number) return ranges
  const before = ranges[index - 1]
  const joinsBefore = before !== undefined && endOf(before) === number
  const joinsAfter = after?.[0] === number + 1
  const first = joinsBefore ? before[0] : number
  const end = joinsAfter ? endOf(after) : number + 1
  return [
    ...ranges.slice(0, joinsBefore ? index - 1 : index),
    [first, end - first],
    ...ranges.slice(joinsAfter ? index + 1 : index)
  ]
}

/** The numbers of `candidates` that are in the set. */
export function intersect(ranges: Ranges, candidates: Iterable<number>): number[] {
  const found: number[] = []
  for (const number of candidates) if (hasNumber(ranges, number)) found.push(number)
  return found
}

/** First number that is not in the set, counted from 0. */
export function firstMissing(ranges: Ranges): number {
  const first = ranges[0]
  return first?.[0] === 0 ? first[1] : 0
}

/** As pairs in one list, the newest `max` runs, as receipts carry them. */
export function flattenRanges(ranges: Ranges, max: number): number[] {
  return ranges.slice(-max).flat()
}

/** Runs from a list of pairs; `undefined` if they are not ascending, touch, are empty or more than `max`. */
export function parseRanges(pairs: readonly number[], max: number): Ranges | undefined {
  if (pairs.length % 2 !== 0 || pairs.length / 2 > max) return undefined
  const ranges: [number, number][] = []
  let end = -1
  for (let index = 0; index < pairs.length; index += 2) {
    const first = pairs[index] ?? 0
    const count = pairs[index + 1] ?? 0
    if (first <= end || count < 1 || !Number.isSafeInteger(first + count)) return undefined
    ranges.push([first, count])
    end = first + count
  }
  return ranges
}

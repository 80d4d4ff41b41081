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
    const run = ranges[middle]
    if (run !== undefined && endOf(run) <= number) low = middle + 1
    else high = middle
  }
  return low
}

// By index: taken apart as a list, a run goes through an iterator, which costs more than all else here.
function endOf(run: Ranges[number]): number {
  return run[0] + run[1]
}

export function hasNumber(ranges: Ranges, number: number): boolean {
  const run = ranges[runAfter(ranges, number)]
  return run !== undefined && run[0] <= number
}

/** The set with `number` in it; the same object if it was. */
export function addNumber(ranges: Ranges, number: number): Ranges {
  const last = ranges.at(-1)
  // In order, which is nearly always.
  if (last !== undefined && endOf(last) === number) return ranges.with(-1, [last[0], last[1] + 1])
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

/** Both sets together, of `added` what is below `end`, whatever it counts; of more than `max` runs the newest. The same object if nothing is new. */
export function unite(ranges: Ranges, added: Ranges, end: number, max: number): Ranges {
  const below = added.map(([first, count]) => [first, Math.min(first + count, end) - first] as const)
  const all = [...ranges, ...below.filter(([, count]) => count > 0)].sort(([one], [other]) => one - other)
  const united: [number, number][] = []
  for (const [first, count] of all) {
    const last = united.at(-1)
    if (last === undefined || first > endOf(last)) united.push([first, count])
    else last[1] = Math.max(endOf(last), first + count) - last[0]
  }
  const kept = united.slice(-max)
  return isSame(ranges, kept) ? ranges : kept
}

function isSame(one: Ranges, other: Ranges): boolean {
  return (
    one.length === other.length &&
    one.every(([first, count], index) => other[index]?.[0] === first && other[index][1] === count)
  )
}

/** The set with at most `max` runs: the oldest gaps count as closed, since what was to fill them has expired. */
export function closeOldestGaps(ranges: Ranges, max: number): Ranges {
  const extra = ranges.length - max
  const [first] = ranges
  const last = ranges[extra]
  if (extra <= 0 || first === undefined || last === undefined) return ranges
  return [[first[0], endOf(last) - first[0]], ...ranges.slice(extra + 1)]
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

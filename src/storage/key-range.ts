import type { KeyRange } from './store.js'

/** What is left of `range` after `read` pairs, the last of them under `last`. */
export function remaining(range: KeyRange, read: number, last: string | undefined): KeyRange {
  const { gt, gte, lt, lte, reverse = false, limit, signal } = range
  const from = last === undefined || reverse ? lowerEnd(gt, gte) : { gt: last }
  const to = last === undefined || !reverse ? upperEnd(lt, lte) : { lt: last }
  const left = limit === undefined ? {} : { limit: Math.max(limit - read, 0) }
  return { ...from, ...to, ...left, reverse, ...(signal === undefined ? {} : { signal }) }
}

// Level takes a bound that is there but undefined for a key.
function lowerEnd(gt: string | undefined, gte: string | undefined): KeyRange {
  if (gte !== undefined) return { gte }
  return gt === undefined ? {} : { gt }
}

function upperEnd(lt: string | undefined, lte: string | undefined): KeyRange {
  if (lte !== undefined) return { lte }
  return lt === undefined ? {} : { lt }
}

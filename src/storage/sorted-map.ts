import { firstIndex } from '../protocol/first-index.js'
import type { KeyRange } from './store.js'

/**
 * Pairs in one run. A run that grows past this is halved: small enough that shifting it costs less than finding it,
 * large enough that 100,000 keys need only a few hundred runs.
 */
const MAX_RUN = 256

interface Run {
  /** The writes after snapshot number `age` may change this run in place; an older run belongs to a snapshot. */
  readonly age: number
  readonly keys: string[]
  readonly values: Uint8Array[]
}

/** Where a key is, or would be inserted: a run and an index in it. */
interface Place {
  readonly run: number
  readonly index: number
}

/**
 * Keys in order, with snapshots. A list of sorted runs: a lookup is two binary searches, an insertion shifts one short
 * run, and a snapshot costs nothing until the next write, which then copies only the runs it touches.
 */
export class SortedMap {
  #runs: Run[] = []
  #age = 0
  #runsAge = 0

  get(key: string): Uint8Array | undefined {
    const place = lowerBound(this.#runs, key)
    const run = this.#runs[place.run]
    return run?.keys[place.index] === key ? run.values[place.index] : undefined
  }

  set(key: string, value: Uint8Array): void {
    const place = lowerBound(this.#runs, key)
    if (this.#runs[place.run]?.keys[place.index] === key) {
      this.#own(place.run).values[place.index] = value
      return
    }
    // A key at the start of a run may as well end the run before it: ascending keys then fill runs in turn.
    const atStart = place.index === 0 && place.run > 0
    const target = atStart ? place.run - 1 : place.run
    const run = this.#own(target)
    const index = atStart ? run.keys.length : place.index
    run.keys.splice(index, 0, key)
    run.values.splice(index, 0, value)
    if (run.keys.length > MAX_RUN) this.#halve(target, run)
  }

  delete(key: string): void {
    const place = lowerBound(this.#runs, key)
    if (this.#runs[place.run]?.keys[place.index] !== key) return
    const run = this.#own(place.run)
    run.keys.splice(place.index, 1)
    run.values.splice(place.index, 1)
    if (run.keys.length === 0) this.#runs.splice(place.run, 1)
  }

  /** The pairs of `range` as they are now, whatever is written while they are read. */
  snapshot(range: KeyRange): Iterable<readonly [string, Uint8Array]> {
    const runs = this.#runs
    this.#age++
    return pairs(runs, range)
  }

  /** Run number `index` in a form that no snapshot reads. */
  #own(index: number): Run {
    if (this.#runsAge !== this.#age) {
      this.#runs = this.#runs.slice()
      this.#runsAge = this.#age
    }
    const run = this.#runs[index]
    if (run?.age === this.#age) return run
    const owned = { age: this.#age, keys: run?.keys.slice() ?? [], values: run?.values.slice() ?? [] }
    this.#runs[index] = owned
    return owned
  }

  #halve(index: number, run: Run): void {
    const middle = run.keys.length >> 1
    const upper = { age: this.#age, keys: run.keys.splice(middle), values: run.values.splice(middle) }
    this.#runs.splice(index + 1, 0, upper)
  }
}

/** The first pair whose key is not below `key`; one past the end if there is none. */
function lowerBound(runs: readonly Run[], key: string): Place {
  const after = firstIndex(runs.length, (at) => (runs[at]?.keys[0] ?? '') > key)
  const run = Math.max(after - 1, 0)
  const keys = runs[run]?.keys ?? []
  const index = firstIndex(keys.length, (at) => (keys[at] ?? '') >= key)
  return index === keys.length && run + 1 < runs.length ? { run: run + 1, index: 0 } : { run, index }
}

function* pairs(runs: readonly Run[], range: KeyRange): Generator<readonly [string, Uint8Array]> {
  let left = range.limit ?? Infinity
  for (const pair of range.reverse === true ? downwards(runs, range) : upwards(runs, range)) {
    if (left-- <= 0) return
    yield pair
  }
}

function* upwards(runs: readonly Run[], range: KeyRange): Generator<readonly [string, Uint8Array]> {
  const from = range.gte ?? range.gt
  let { run, index } = from === undefined ? { run: 0, index: 0 } : lowerBound(runs, from)
  for (; run < runs.length; run++, index = 0) {
    const { keys = [], values = [] } = runs[run] ?? {}
    for (; index < keys.length; index++) {
      const [key, value] = [keys[index], values[index]]
      if (key === undefined || value === undefined || isAbove(key, range)) return
      if (!isBelow(key, range)) yield [key, value]
    }
  }
}

function* downwards(runs: readonly Run[], range: KeyRange): Generator<readonly [string, Uint8Array]> {
  const to = range.lte ?? range.lt
  const start = to === undefined ? { run: runs.length - 1, index: Infinity } : lowerBound(runs, to)
  for (let run = Math.min(start.run, runs.length - 1); run >= 0; run--) {
    const { keys = [], values = [] } = runs[run] ?? {}
    const last = run === start.run ? Math.min(start.index, keys.length - 1) : keys.length - 1
    for (let index = last; index >= 0; index--) {
      const [key, value] = [keys[index], values[index]]
      if (key === undefined || value === undefined || isBelow(key, range)) return
      if (!isAbove(key, range)) yield [key, value]
    }
  }
}

function isBelow(key: string, { gt, gte }: KeyRange): boolean {
  return gte === undefined ? gt !== undefined && key <= gt : key < gte
}

function isAbove(key: string, { lt, lte }: KeyRange): boolean {
  return lte === undefined ? lt !== undefined && key >= lt : key > lte
}

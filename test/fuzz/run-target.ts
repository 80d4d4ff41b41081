import { getHeapStatistics } from 'node:v8'
import { createSeededRandom, type SeededRandom } from '../../src/network/seeded-random.js'
import { below, mutate, pick } from './mutate.js'
import type { FuzzTarget } from './target.js'

/** Inputs with an outcome of their own that are kept to mutate further. */
const MOST_KEPT = 512

export interface FuzzReport {
  readonly target: string
  readonly seed: number
  readonly inputs: number
  readonly milliseconds: number
  /** How often each outcome was seen. */
  readonly outcomes: ReadonlyMap<string, number>
  /** The first input of every outcome that neither samples nor corpus had. */
  readonly finds: readonly Uint8Array[]
}

/** An input that broke a promise. Told with its bytes, so that it can be replayed. */
export class FuzzFailure extends Error {
  readonly input: Uint8Array

  constructor(target: string, input: Uint8Array, count: number, seed: number, cause: unknown) {
    const digits = Buffer.from(input).toString('hex')
    super(
      `${target}, input ${String(count)} of seed ${String(seed)}: ${cause instanceof Error ? cause.message : String(cause)}\n` +
        `  npm run test:fuzz -- --target ${target} --replay ${digits === '' ? '""' : digits}\n` +
        `  or with all that came before: npm run test:fuzz -- --target ${target} --seed ${String(seed)} --inputs ${String(count)}`,
      { cause }
    )
    this.input = input
  }
}

function allocated(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

/** Run one input; a broken promise, any exception and too much memory are failures. */
async function runOne(target: FuzzTarget, input: Uint8Array): Promise<string> {
  const before = input.slice()
  const room = target.maxAllocation === undefined ? Infinity : allocated() + target.maxAllocation
  const running = target.run(input)
  const outcome = typeof running === 'string' ? running : await running
  // The collector may have run in between: then it is less, never more.
  if (room !== Infinity && allocated() > room) throw new Error('It allocated more than its bound')
  if (Buffer.compare(before, input) !== 0) throw new Error('It changed its input')
  return outcome
}

function nextInput(target: FuzzTarget, pool: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  const mutated = mutate(pick(random, pool), pool, random, target.maxLength)
  // Some stay as they are, so that the check that mending gets past is tested too.
  return target.mend === undefined || random.chance(0.2) ? mutated : target.mend(mutated, random)
}

/**
 * Feed a target with so many inputs: first its samples and the corpus as they are, then what mutation makes of these and of whatever had a new
 * outcome. One seed and one corpus, one run. Rejects with {@link FuzzFailure}.
 */
export async function runTarget(
  target: FuzzTarget,
  corpus: readonly Uint8Array[],
  inputs: number,
  seed: number
): Promise<FuzzReport> {
  const random = createSeededRandom(seed)
  const pool = [...target.samples, ...corpus]
  const begun = pool.length
  const outcomes = new Map<string, number>()
  const finds: Uint8Array[] = []
  const start = performance.now()
  for (let count = 0; count < Math.max(inputs, begun); count++) {
    const input = count < begun ? (pool[count] ?? new Uint8Array(0)) : nextInput(target, pool, random)
    let outcome: string
    try {
      outcome = await runOne(target, input)
    } catch (error) {
      throw new FuzzFailure(target.name, input, count + 1, seed, error)
    }
    const seen = outcomes.get(outcome) ?? 0
    outcomes.set(outcome, seen + 1)
    if (seen > 0 || count < begun) continue
    finds.push(input)
    if (pool.length < MOST_KEPT) pool.push(input)
    else pool[begun + below(random, MOST_KEPT - begun)] = input
  }
  await target.end?.()
  const milliseconds = performance.now() - start
  return { target: target.name, seed, inputs: Math.max(inputs, begun), milliseconds, outcomes, finds }
}

/** Run one input alone, as a failure is told to be replayed. */
export async function replay(target: FuzzTarget, input: Uint8Array): Promise<string> {
  try {
    return await runOne(target, input)
  } catch (error) {
    throw new FuzzFailure(target.name, input, 1, 0, error)
  }
}

import fc from 'fast-check'

/** One thing that happens to one device of a history. */
export interface Step<Act extends string> {
  readonly act: Act
  readonly device: number
  /** Which of what there is to choose from, modulo how many there are. */
  readonly pick: number
  /** How far, where or how a thing is changed. */
  readonly amount: number
}

/** What happens, in order; the seed fixes keys, nonces and every other chance. */
export interface History<Act extends string> {
  readonly seed: number
  readonly steps: readonly Step<Act>[]
}

/** How often each act comes, relative to the others. */
export type Weights<Act extends string> = Readonly<Record<Act, number>>

/** Histories of so many devices: the one generator of all models. */
export function histories<Act extends string>(
  devices: number,
  weights: Weights<Act>,
  maxLength: number
): fc.Arbitrary<History<Act>> {
  const acts: Act[] = []
  for (const act in weights) acts.push(...Array.from({ length: weights[act] }, () => act))
  const step = fc.record({
    act: fc.constantFrom(...acts),
    device: fc.nat({ max: devices - 1 }),
    pick: fc.nat({ max: 999 }),
    amount: fc.nat({ max: 0xffff })
  })
  return fc.record({ seed: fc.nat(), steps: fc.array(step, { maxLength, size: 'max' }) })
}

/** The member that `pick` names, if there is any. */
export function picked<Value>(values: readonly Value[], pick: number): Value | undefined {
  return values[pick % Math.max(1, values.length)]
}

/** Clocks that are wrong: by two days, and in another century. */
export const WRONG_CLOCKS: readonly ((now: number) => number)[] = [
  (now) => now + 2 * 86_400_000,
  (now) => now - 2 * 86_400_000,
  () => 0,
  () => Date.UTC(2100, 0, 1)
]

/** A model: any history of it keeps what it proves. */
export interface Model {
  readonly name: string
  readonly proves: string
  /** Its part of the histories of a deep run, of 1000. */
  readonly share: number
  /** Histories in the ordinary tests. */
  readonly usual: number
  check(options: { readonly numRuns: number; readonly seed?: number }): void | Promise<void>
}

import type { Write } from '../storage/store.js'

/**
 * What becomes of a commit: it passes, it fails with this error, or the process dies just before or just after it. `cut-…`: by a
 * power cut, which takes unsynced commits along.
 */
export type CommitFate = 'pass' | 'die-before' | 'die-after' | 'cut-before' | 'cut-after' | Error

export const FATES: readonly CommitFate[] = ['pass', 'die-before', 'die-after', 'cut-before', 'cut-after']

/** How a process ended: killed, or the device lost its power. */
export type Death = 'kill' | 'power-cut'

/** One run of a process: until its death, and then nothing that it began goes on. */
export interface Life {
  readonly alive: boolean
  /** Resolves at the death. */
  readonly died: Promise<'died'>
  /** Asked before every commit, with its number in this life, counted from 1. */
  fateOfCommit: (count: number, writes: readonly Write[]) => CommitFate
  commits: number
  /** Only the first death counts. */
  kill(death?: Death): void
}

/** Begin a life; `onDeath` is called at its end, before anybody else learns of it. */
export function beginLife(onDeath: (death: Death) => void = () => undefined): Life {
  let announce: (value: 'died') => void = () => undefined
  const died = new Promise<'died'>((resolve) => (announce = resolve))
  let alive = true
  return {
    get alive() {
      return alive
    },
    died,
    commits: 0,
    fateOfCommit: () => 'pass',
    kill(death = 'kill') {
      if (!alive) return
      alive = false
      onDeath(death)
      announce('died')
    }
  }
}

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}

/** The outcome of `promise`, if the life is not over by then. */
export async function whileAlive<T>(life: Life, promise: Promise<T>): Promise<T> {
  try {
    const value = await promise
    return life.alive ? value : await never<T>()
  } catch (error) {
    if (!life.alive) return await never<T>()
    throw error
  }
}

import { canDisturb, canMakeNamespaces } from './network-namespaces.js'

/** Where a case takes place: it is gone when the case is over. */
interface Place {
  readonly remove: () => Promise<void>
}

/** Defines a case, which is a test. */
export type DefineCase = <Where extends Place>(
  title: string,
  make: () => Promise<Where>,
  act: (place: Where) => Promise<void>
) => void

/**
 * Cases of a suite that mostly wait, each in namespaces of its own whose networks can be disturbed; skipped where there are none. All are begun
 * together, and each test waits for its own.
 */
export function casesAtOnce(): DefineCase {
  const cases = new Map<string, () => Promise<void>>()
  const running = new Map<string, Promise<void>>()
  before(function () {
    if (!canMakeNamespaces() || !canDisturb()) this.skip()
    for (const [title, run] of cases) {
      const outcome = run()
      running.set(title, outcome)
      // Its own test may come after it has failed.
      outcome.catch(() => undefined)
    }
  })
  // They leave nothing behind even if a test before theirs ended the run.
  after(() => Promise.allSettled(running.values()))
  return (title, make, act) => {
    cases.set(title, async () => {
      const place = await make()
      try {
        await act(place)
      } finally {
        await place.remove()
      }
    })
    it(title, async () => {
      await running.get(title)
    })
  }
}

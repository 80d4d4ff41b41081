const POLL_MS = 5

/** Waits in real time until `predicate` holds; rejects after `limitMs`, saying what was waited for. */
export async function waitFor(
  what: string,
  predicate: () => boolean | Promise<boolean>,
  limitMs: number
): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await predicate())) {
    if (performance.now() > end) throw new Error(`Not within ${String(limitMs)} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

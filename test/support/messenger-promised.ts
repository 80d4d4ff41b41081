/** How many of these texts are missing from what is held; they are forgotten, so that each is counted once. */
export function removeMissing(promised: Set<string> | undefined, held: readonly string[]): number {
  const there = new Set(held)
  const missing = [...(promised ?? [])].filter((text) => !there.has(text))
  for (const text of missing) promised?.delete(text)
  return missing.length
}

/** Whether both hold the same texts, each once. */
export function isSame(one: readonly string[], other: readonly string[]): boolean {
  return new Set(one).size === one.length && one.toSorted().join() === other.toSorted().join()
}

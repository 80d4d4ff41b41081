/** Cases that mostly wait, begun together where there are several computers to begin them on; each is a test, which waits for its own. */
export class CasesAtOnce {
  readonly #cases = new Map<string, () => Promise<void>>()
  readonly #running = new Map<string, Promise<void>>()

  it(title: string, act: () => Promise<void>): void {
    this.#cases.set(title, act)
    it(title, async () => {
      await this.#running.get(title)
    })
  }

  /** For `before`. */
  begin(): void {
    for (const [title, act] of this.#cases) {
      const running = act()
      this.#running.set(title, running)
      // Its own test may come after it has failed.
      running.catch(() => undefined)
    }
  }

  /** For `after`: cases leave nothing behind even if a test before theirs ended the run. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#running.values())
  }
}

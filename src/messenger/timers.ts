import type { Clock } from '../clock.js'

/** What is to happen later, all of which one call cancels. */
export class Timers {
  readonly #clock: Clock
  readonly #cancels = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** In so many ms. */
  after(delay: number, action: () => void): void {
    const cancel = this.#clock.schedule(delay, () => {
      this.#cancels.delete(cancel)
      action()
    })
    this.#cancels.add(cancel)
  }

  /** Every so many ms, for the first time after this share of them. */
  every(period: number, action: () => void, first = 1): void {
    this.after(first * period, () => {
      this.every(period, action)
      action()
    })
  }

  get isIdle(): boolean {
    return this.#cancels.size === 0
  }

  cancel(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }
}

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

  /** Every so many ms. */
  every(period: number, action: () => void): void {
    this.after(period, () => {
      this.every(period, action)
      action()
    })
  }

  cancel(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }
}

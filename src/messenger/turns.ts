import type { Clock } from '../clock.js'

/** Work holds the event loop for so long and one step more, ms: half a frame of a screen. */
const TURN_MS = 8

/** Wait so long, ms; with 0 until the event loop has done what else is waiting. */
export function pause(clock: Pick<Clock, 'schedule'>, delay = 0): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delay, resolve)
  })
}

/** Long work in turns, between which the event loop does what else is waiting. */
export class Turns {
  readonly #clock: Clock
  #begun: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#begun = clock.now()
  }

  /** Called after each step: waits for the event loop once the turn has been long enough. */
  async next(): Promise<void> {
    // A clock that was put back says nothing of how long it has been.
    const spent = this.#clock.now() - this.#begun
    if (spent >= 0 && spent < TURN_MS) return
    await pause(this.#clock)
    this.#begun = this.#clock.now()
  }
}

import { monotonic } from '../harness/monotonic.js'
import { numberOf } from './numbered-text.js'

/** When each message of the current measurement was first seen. */
export class Tally {
  #first = 0
  #times: (number | undefined)[] = []
  #missing = 0
  #complete: () => void = () => undefined
  readonly #waiting = new Map<number, () => void>()

  /** From now on, wait for `count` messages numbered from `first`. */
  expect(first: number, count: number): void {
    this.#first = first
    this.#times = new Array<undefined>(count).fill(undefined)
    this.#missing = count
  }

  note(text: string): void {
    const index = numberOf(text) - this.#first
    if (index < 0 || index >= this.#times.length || this.#times[index] !== undefined) return
    this.#times[index] = monotonic()
    this.#missing--
    this.#waiting.get(index)?.()
    this.#waiting.delete(index)
    if (this.#missing === 0) this.#complete()
  }

  /** Resolves when the message at this place of the measurement is there. */
  async of(index: number): Promise<void> {
    if (this.#times[index] !== undefined) return
    await new Promise<void>((resolve) => {
      this.#waiting.set(index, resolve)
    })
  }

  /** The times, in order of the numbers, once all are there; rejects after `patience` ms. */
  async times(patience: number): Promise<number[]> {
    if (this.#missing > 0) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(
            new Error(`${String(this.#missing)} of ${String(this.#times.length)} messages did not arrive`)
          )
        }, patience)
        this.#complete = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return this.#times.filter((time) => time !== undefined)
  }
}

import type { Call } from './call.js'

/** ms between two looks of a progress line. */
const EVERY = 200
const ERASE_LINE = '\r\u001b[K'

/** A line on stderr that says how far something came, for whoever sits in front of it; nothing in a pipe or in JSON. */
export class ProgressLine {
  readonly #call: Call
  #shownAt = -Infinity
  #isShown = false

  constructor(call: Call) {
    this.#call = call
  }

  show(text: () => string): void {
    const { output, surroundings } = this.#call
    if (output.json || surroundings.stderr.isTTY !== true) return
    const now = surroundings.now()
    if (now - this.#shownAt < EVERY && now >= this.#shownAt) return
    this.#shownAt = now
    this.#isShown = true
    surroundings.stderr.write(`${ERASE_LINE}${text()}`)
  }

  end(): void {
    if (this.#isShown) this.#call.surroundings.stderr.write(ERASE_LINE)
    this.#isShown = false
  }
}

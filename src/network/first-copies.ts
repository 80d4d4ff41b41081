import type { Clock } from '../clock.js'

interface Copy {
  /** Epoch ms. */
  readonly at: number
  readonly arrive: () => void
}

interface Coming {
  /** One that is an event arrives by then, epoch ms. */
  first: number
  /** How many are events. */
  underWay: number
  readonly later: Copy[]
}

/**
 * The copies of each parcel on their way to one node, which takes the first and ignores the others. In a flood nearly all are others: they stand by,
 * and come to be events only if those before them come to nothing, as by a cut or where the link is gone.
 */
export class FirstCopies {
  readonly #clock: Clock
  readonly #isKnown: (key: string) => boolean
  readonly #coming = new Map<string, Coming>()

  /** `isKnown` says whether the node has a parcel, and so takes no copy of it. */
  constructor(clock: Clock, isKnown: (key: string) => boolean) {
    this.#clock = clock
    this.#isKnown = isKnown
  }

  /** Have `arrive` called at a time, epoch ms, unless the parcel is known then. */
  expect(key: string, at: number, arrive: () => void): void {
    if (this.#isKnown(key)) return
    const coming = this.#coming.get(key)
    if (coming !== undefined && at >= coming.first) {
      coming.later.push({ at, arrive })
      return
    }
    const begun = coming ?? { first: at, underWay: 0, later: [] }
    this.#coming.set(key, begun)
    this.#schedule(key, begun, { at, arrive })
  }

  #schedule(key: string, coming: Coming, { at, arrive }: Copy): void {
    coming.first = at
    coming.underWay++
    this.#clock.schedule(at - this.#clock.now(), () => {
      coming.underWay--
      if (!this.#isKnown(key)) arrive()
      if (this.#isKnown(key)) this.#coming.delete(key)
      else this.#goOn(key, coming)
    })
  }

  /** One came to nothing: the next is an event now. */
  #goOn(key: string, coming: Coming): void {
    const at = Math.min(...coming.later.map((copy) => copy.at))
    const [next] = coming.later.splice(
      coming.later.findIndex((copy) => copy.at === at),
      1
    )
    coming.first = Infinity
    if (next !== undefined) this.#schedule(key, coming, next)
    else if (coming.underWay === 0) this.#coming.delete(key)
  }
}

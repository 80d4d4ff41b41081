import { PRESSING_FIRST } from '../../protocol/message/priority.js'

/** What may stand in a {@link ReadyQueue}. */
interface Ranked {
  readonly rank: number
}

/** What is to be published now: the most pressing first, and of those alike what came first. */
export class ReadyQueue<Entry extends Ranked> {
  readonly #lanes: Entry[][] = PRESSING_FIRST.map(() => [])

  get isEmpty(): boolean {
    return this.#lanes.every((lane) => lane.length === 0)
  }

  /** Everything that stands here. */
  all(): Entry[] {
    return this.#lanes.flat()
  }

  push(entry: Entry): void {
    this.#lanes[entry.rank]?.push(entry)
  }

  /** The first, if it is at least so pressing. */
  shift(leastRank = 0): Entry | undefined {
    return this.#lanes.findLast((lane, rank) => rank >= leastRank && lane.length > 0)?.shift()
  }

  /** Line up anew: the rank of some has changed. */
  sort(): void {
    const all = this.#lanes.toReversed().flat()
    for (const lane of this.#lanes) lane.length = 0
    for (const entry of all) this.push(entry)
  }
}

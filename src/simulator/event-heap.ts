/** Something that happens at a moment of virtual time. */
export interface TimedEvent {
  /** Epoch ms. */
  readonly at: number
  /** Orders events of the same instant: the earlier set comes first. */
  readonly order: number
  readonly wake: () => void
}

/** Cancelled events below which the heap is left as it is. */
const MIN_CANCELLED = 256

interface Entry extends TimedEvent {
  wake: () => void
  cancelled: boolean
}

/** What is to happen, earliest first: a binary heap, in which cancelled events stay until their turn or until most are such. */
export class EventHeap {
  #entries: Entry[] = []
  #order = 0
  #size = 0

  /** Events that are still to happen. */
  get size(): number {
    return this.#size
  }

  add(at: number, wake: () => void): TimedEvent {
    const entry = { at, order: this.#order++, wake, cancelled: false }
    this.#size += 1
    this.#entries.push(entry)
    this.#rise(this.#entries.length - 1)
    return entry
  }

  /** Nothing happens if it has happened or was cancelled. */
  cancel(event: TimedEvent): void {
    if (!isEntry(event) || event.cancelled) return
    event.cancelled = true
    // It may stay for long, and is not to keep alive what it would have woken.
    event.wake = nothing
    this.#size -= 1
    if (this.#entries.length > 2 * this.#size + MIN_CANCELLED) this.#rebuild()
  }

  /** Take the first event if it is due by `end`. */
  takeUntil(end: number): TimedEvent | undefined {
    for (;;) {
      const first = this.#entries[0]
      if (first === undefined || (!first.cancelled && first.at > end)) return undefined
      this.#removeFirst()
      if (first.cancelled) continue
      // From here on a late cancellation finds nothing to do.
      first.cancelled = true
      this.#size -= 1
      return first
    }
  }

  /** Without what was cancelled. Sorted entries are a heap. */
  #rebuild(): void {
    this.#entries = this.#entries
      .filter(({ cancelled }) => !cancelled)
      .sort((one, other) => one.at - other.at || one.order - other.order)
  }

  #removeFirst(): void {
    const last = this.#entries.pop()
    if (last === undefined || this.#entries.length === 0) return
    this.#entries[0] = last
    this.#sink()
  }

  #rise(index: number): void {
    const entries = this.#entries
    const entry = entries[index]
    let at = index
    while (entry !== undefined && at > 0) {
      const above = (at - 1) >> 1
      const parent = entries[above]
      if (parent === undefined || !isBefore(entry, parent)) break
      entries[at] = parent
      entries[above] = entry
      at = above
    }
  }

  #sink(): void {
    const entries = this.#entries
    let at = 0
    for (;;) {
      const entry = entries[at]
      const left = 2 * at + 1
      const [one, other] = [entries[left], entries[left + 1]]
      if (entry === undefined || one === undefined) return
      const isRight = other !== undefined && isBefore(other, one)
      const child = isRight ? other : one
      if (!isBefore(child, entry)) return
      const below = isRight ? left + 1 : left
      entries[at] = child
      entries[below] = entry
      at = below
    }
  }
}

function nothing(): void {
  // Cancelled.
}

function isBefore(one: TimedEvent, other: TimedEvent): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

function isEntry(event: TimedEvent): event is Entry {
  return 'cancelled' in event
}

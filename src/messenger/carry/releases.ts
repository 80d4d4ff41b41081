import { MAX_RELEASE_WAIT } from '../../protocol/limits.js'
import { shortIdKey, type Item } from '../../protocol/sync/item.js'

/** An envelope for this device that has arrived, and the secret of its tag. */
export interface Arrival {
  readonly item: Item
  readonly secret: Uint8Array
}

/** From `dueAt`, epoch ms, others may learn of it. */
export interface Released extends Arrival {
  readonly dueAt: number
}

/** What has arrived here and others do not know yet. */
export class Releases {
  readonly #waiting = new Map<string, Released>()

  /** When the first is due, epoch ms; `Infinity` if none waits. */
  get nextAt(): number {
    let first = Infinity
    for (const { dueAt } of this.#waiting.values()) first = Math.min(first, dueAt)
    return first
  }

  add(released: Released): void {
    this.#waiting.set(shortIdKey(released.item.id), released)
  }

  remove(id: Uint8Array): void {
    this.#waiting.delete(shortIdKey(id))
  }

  /** Takes out what may be told now: what is due, or is so far ahead that the clock has been set back. */
  takeDue(now: number): Released[] {
    const due = [...this.#waiting.values()].filter(
      ({ dueAt }) => dueAt <= now || dueAt > now + MAX_RELEASE_WAIT
    )
    for (const { item } of due) this.remove(item.id)
    return due
  }

  expire(isOver: (day: number) => boolean): void {
    for (const { item } of this.#waiting.values()) if (isOver(item.day)) this.remove(item.id)
  }
}

import type { MailboxChange } from '../../storage/records/mailbox-record.js'

/** What happened to envelopes and is not noted in the store yet, by the day of their expiry. */
export class MailboxChanges {
  #byDay = new Map<number, MailboxChange[]>()

  get isEmpty(): boolean {
    return this.#byDay.size === 0
  }

  add(day: number, change: MailboxChange): void {
    const changes = this.#byDay.get(day) ?? []
    changes.push(change)
    this.#byDay.set(day, changes)
  }

  /** All of them, to be noted; from now on there are none. */
  take(): ReadonlyMap<number, readonly MailboxChange[]> {
    const taken = this.#byDay
    this.#byDay = new Map()
    return taken
  }

  /** What was taken could not be noted: it comes before what happened since, but for what concerns envelopes that are not kept after all. */
  putBack(taken: ReturnType<MailboxChanges['take']>, isGone: (id: Uint8Array) => boolean): void {
    for (const [day, changes] of taken) {
      const missed = changes.filter(({ id }) => !isGone(id))
      const all = [...missed, ...(this.#byDay.get(day) ?? [])]
      if (all.length > 0) this.#byDay.set(day, all)
    }
  }

  expire(isOver: (day: number) => boolean): void {
    for (const day of this.#byDay.keys()) if (isOver(day)) this.#byDay.delete(day)
  }
}

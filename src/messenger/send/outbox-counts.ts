import type { IdentityId } from '../../codec/ids.js'
import { EMERGENCY_RESERVE, MAX_UNACKNOWLEDGED } from '../../protocol/limits.js'
import { PRESSING_FIRST, rankOf, type Priority } from '../../protocol/message/priority.js'

/** Messages of one contact. */
interface Counts {
  messages: number
  sealed: number
  /** Those that wait for sealing, by the rank of their priority. */
  readonly waiting: number[]
}

/** What an entry adds to the counts. */
export interface Counted {
  readonly contactId: IdentityId
  readonly positions: readonly string[]
  readonly priority: Priority
  readonly sealed: boolean
}

/** How many messages the outbox has for each contact, and how many more may be sealed. */
export class OutboxCounts {
  readonly #counts = new Map<IdentityId, Counts>()

  get messages(): number {
    let messages = 0
    for (const counts of this.#counts.values()) messages += counts.messages
    return messages
  }

  add(entry: Counted): void {
    this.#change(entry, entry.positions.length)
  }

  remove(entry: Counted): void {
    this.#change(entry, -entry.positions.length)
  }

  forget(contactId: IdentityId): void {
    this.#counts.delete(contactId)
  }

  messagesTo(contactId: IdentityId): number {
    return this.#counts.get(contactId)?.messages ?? 0
  }

  /** Messages of this priority that may be sealed now. */
  roomToSeal(contactId: IdentityId, priority: Priority): number {
    const most = priority === 'emergency' ? MAX_UNACKNOWLEDGED : MAX_UNACKNOWLEDGED - EMERGENCY_RESERVE
    return most - (this.#counts.get(contactId)?.sealed ?? 0)
  }

  /** The rank of the most pressing message that waits for sealing; -1 if none does. */
  waitingRank(contactId: IdentityId): number {
    const counts = this.#counts.get(contactId)
    const waiting = PRESSING_FIRST.find((priority) => (counts?.waiting[rankOf(priority)] ?? 0) > 0)
    return waiting === undefined ? -1 : rankOf(waiting)
  }

  #change({ contactId, priority, sealed }: Counted, change: number): void {
    const counts = this.#counts.get(contactId) ?? {
      messages: 0,
      sealed: 0,
      waiting: PRESSING_FIRST.map(() => 0)
    }
    this.#counts.set(contactId, counts)
    counts.messages += change
    const rank = rankOf(priority)
    if (sealed) counts.sealed += change
    else counts.waiting[rank] = (counts.waiting[rank] ?? 0) + change
  }
}

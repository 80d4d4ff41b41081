import type { IdentityId } from '../../codec/ids.js'
import { sixteenBytesKey } from '../../codec/sixteen-bytes.js'
import type { PeerName } from '../../network/network.js'
import type { Item } from '../../protocol/sync/item.js'
import { numbersOf, type OutboxEntry } from '../send/outbox.js'

/** Bytes of an id in a notice that it is held. */
export const NOTICE_ID_BYTES = 8
/** Peers counted for one envelope: more say nothing more. */
const MAX_HOLDERS = 64

/** What peers have said to hold, of one contact's messages. */
export interface NewlyHeld {
  readonly contactId: IdentityId
  /** Of messages that nobody was known to hold before. */
  readonly numbers: readonly number[]
  /** Of all messages that one more peer holds now. */
  readonly positions: readonly string[]
}

/** Who holds our envelopes besides us, as far as they have said: in memory, for those that wait in the outbox. */
export class Holders {
  readonly #entries = new Map<string, OutboxEntry>()
  readonly #onHeld: (held: readonly NewlyHeld[]) => void

  constructor(onHeld: (held: readonly NewlyHeld[]) => void) {
    this.#onHeld = onHeld
  }

  add(entry: OutboxEntry): void {
    if (entry.item !== undefined) this.#entries.set(noticeKey(entry.item.id), entry)
  }

  remove(entry: OutboxEntry): void {
    if (entry.item !== undefined) this.#entries.delete(noticeKey(entry.item.id))
  }

  /** The envelopes waited for. */
  items(): Item[] {
    return [...this.#entries.values()].map(({ item }) => item).filter((item) => item !== undefined)
  }

  /** How pressing an envelope is, if it is one of ours that is waited for; 0: no more than any other. */
  rankOf(id: Uint8Array): number {
    return this.#entries.get(noticeKey(id))?.rank ?? 0
  }

  /** A peer holds envelopes with these ids, or at least with these beginnings of ids; others' are ignored. */
  confirm(peer: PeerName, ids: readonly Uint8Array[]): void {
    if (this.#entries.size === 0) return
    const held = new Map<IdentityId, { numbers: number[]; positions: string[] }>()
    for (const id of ids) {
      const entry = this.#entries.get(noticeKey(id))
      if (entry === undefined || entry.holders.has(peer) || entry.holders.size >= MAX_HOLDERS) continue
      const known = held.get(entry.contactId) ?? { numbers: [], positions: [] }
      held.set(entry.contactId, known)
      if (entry.holders.size === 0) known.numbers.push(...numbersOf(entry))
      known.positions.push(...entry.positions)
      entry.holders.add(peer)
    }
    if (held.size > 0) this.#onHeld([...held].map(([contactId, news]) => ({ contactId, ...news })))
  }
}

function noticeKey(id: Uint8Array): string {
  return sixteenBytesKey(id.subarray(0, NOTICE_ID_BYTES))
}

import { sha256 } from '../crypto/hash.js'
import type { Item } from '../protocol/sync/item.js'
import { envelopeRecord } from '../storage/records/envelope-record.js'
import { mailboxRecord, SOURCE_BYTES, type MailboxChange } from '../storage/records/mailbox-record.js'
import type { Tables } from '../storage/records/tables.js'
import type { Write } from '../storage/store.js'

const encoder = new TextEncoder()

/** An own envelope that lies in no outbox. */
export interface OwnEnvelope {
  readonly item: Item
  readonly tag: Uint8Array
  readonly envelope: Uint8Array
  readonly recipient: string
}

/** Who handed over an envelope of others, or whom an own one is for, as far as is kept. */
export function sourceName(source: string): Uint8Array {
  return sha256(encoder.encode(source)).subarray(0, SOURCE_BYTES)
}

/** What the mailbox writes: envelopes, and a record of what became of them for each commit and day, numbered in the order of their making. */
export class MailboxJournal {
  readonly #tables: Tables
  readonly #sequences = new Map<number, number>()

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** A record with this number was found in the store. */
  found(day: number, sequence: number): void {
    this.#sequences.set(day, Math.max(this.#sequences.get(day) ?? 0, sequence + 1))
  }

  /** The write that notes changes of one day. */
  note(day: number, changes: readonly MailboxChange[]): Write {
    const sequence = this.#sequences.get(day) ?? 0
    this.#sequences.set(day, sequence + 1)
    return { type: 'put', key: this.#tables.mailboxOn(day, sequence), value: mailboxRecord.encode(changes) }
  }

  keep({ day, id }: Item, envelope: Uint8Array): Write {
    return { type: 'put', key: this.#tables.envelope(day, id), value: envelopeRecord.encode(envelope) }
  }

  drop({ day, id }: Item): Write {
    return { type: 'delete', key: this.#tables.envelope(day, id) }
  }

  /** The writes that delete every record of days that are over. */
  forgetDays(isOver: (day: number) => boolean): Write[] {
    const writes: Write[] = []
    for (const [day, sequences] of this.#sequences) {
      if (!isOver(day)) continue
      for (let sequence = 0; sequence < sequences; sequence++)
        writes.push({ type: 'delete', key: this.#tables.mailboxOn(day, sequence) })
      this.#sequences.delete(day)
    }
    return writes
  }

  /** Keep an own envelope, and note it. */
  keepOwn({ item, tag, envelope, recipient }: OwnEnvelope): Write[] {
    const { id } = item
    const source = sourceName(recipient)
    const bytes = envelope.length
    const added: MailboxChange = { kind: 'added', id, tag, bytes, source, standing: 'own' }
    return [this.keep(item, envelope), this.note(item.day, [added])]
  }

  /** Drop an envelope, and note that only its id is left. */
  remove(item: Item): Write[] {
    return [this.drop(item), this.note(item.day, [{ kind: 'removed', id: item.id }])]
  }
}

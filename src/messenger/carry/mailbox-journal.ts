import { sha256 } from '../../crypto/hash.js'
import type { Item } from '../../protocol/sync/item.js'
import { envelopeRecord } from '../../storage/records/envelope-record.js'
import { mailboxRecord, SOURCE_BYTES, type MailboxChange } from '../../storage/records/mailbox-record.js'
import { keysUnder, type Tables } from '../../storage/records/tables.js'
import type { Store, Write } from '../../storage/store.js'

/** Records of one day that a start may have to read; more are merged. */
const MAX_RECORDS = 512
/** Changes in a merged record: 60 KB. */
const MERGED_CHANGES = 1_024

const encoder = new TextEncoder()

/** An own envelope that lies in no outbox. */
export interface OwnEnvelope {
  readonly item: Item
  readonly tag: Uint8Array
  readonly envelope: Uint8Array
  readonly recipient: string
}

/** Stands for who handed over what nobody did. */
export const NO_SOURCE = new Uint8Array(SOURCE_BYTES)

/** Who handed over an envelope of others, or whom an own one is for, as far as is kept. */
export function sourceName(source: string): Uint8Array {
  return sha256(encoder.encode(source)).subarray(0, SOURCE_BYTES)
}

/** What the mailbox writes: envelopes, and a record of what became of them for each commit and day, numbered in the order of their making. */
export class MailboxJournal {
  readonly #tables: Tables
  readonly #sequences = new Map<number, number>()
  /** Records of each day that were found or made, and not merged since. */
  readonly #unmerged = new Map<number, number>()

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** A record with this number was found in the store. */
  found(day: number, sequence: number): void {
    this.#sequences.set(day, Math.max(this.#sequences.get(day) ?? 0, sequence + 1))
    this.#unmerged.set(day, (this.#unmerged.get(day) ?? 0) + 1)
  }

  /** The write that notes changes of one day. */
  note(day: number, changes: readonly MailboxChange[]): Write {
    const sequence = this.#sequences.get(day) ?? 0
    this.#sequences.set(day, sequence + 1)
    this.#unmerged.set(day, (this.#unmerged.get(day) ?? 0) + 1)
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
      this.#unmerged.delete(day)
    }
    return writes
  }

  /**
   * Merge the records of days that have very many, each in one commit: a start reads a few long records much faster. The merged ones take the first
   * places, so that what is noted meanwhile stays behind them.
   */
  async merge(store: Pick<Store, 'range' | 'commit'>): Promise<void> {
    for (const [day, count] of this.#unmerged) {
      if (count <= MAX_RECORDS) continue
      this.#unmerged.set(day, 0)
      const keys: string[] = []
      const changes: MailboxChange[] = []
      for await (const [key, value] of store.range(keysUnder(this.#tables.mailboxOf(day)))) {
        keys.push(key)
        changes.push(...mailboxRecord.decode(value))
      }
      await store.commit(
        keys.map((key, place): Write => {
          const start = place * MERGED_CHANGES
          const end = place === keys.length - 1 ? changes.length : start + MERGED_CHANGES
          const merged = changes.slice(start, end)
          return merged.length === 0
            ? { type: 'delete', key }
            : { type: 'put', key, value: mailboxRecord.encode(merged) }
        })
      )
    }
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

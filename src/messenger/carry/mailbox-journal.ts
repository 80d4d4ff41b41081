import { encodeHex } from '../../codec/hex.js'
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

/** The records of one day. */
interface Day {
  /** The number of the next. */
  next: number
  /** Those in the store, or about to be. */
  sequences: number[]
  /** How many were found or made, and not merged since. */
  unmerged: number
}

/** What the mailbox writes: envelopes, and a record of what became of them for each commit and day, numbered in the order of their making. */
export class MailboxJournal {
  readonly #tables: Tables
  readonly #days = new Map<number, Day>()

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** A record with this number was found in the store. */
  found(day: number, sequence: number): void {
    const of = this.#of(day)
    of.next = Math.max(of.next, sequence + 1)
    of.sequences.push(sequence)
    of.unmerged++
  }

  /** The write that notes changes of one day. */
  note(day: number, changes: readonly MailboxChange[]): Write {
    const { next } = this.#of(day)
    this.found(day, next)
    return { type: 'put', key: this.#tables.mailboxOn(day, next), value: mailboxRecord.encode(changes) }
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
    for (const [day, { sequences }] of this.#days) {
      if (!isOver(day)) continue
      for (const sequence of sequences)
        writes.push({ type: 'delete', key: this.#tables.mailboxOn(day, sequence) })
      this.#days.delete(day)
    }
    return writes
  }

  /**
   * Merge the records of days that have very many, each in one commit, and leave out what says nothing any more: a start reads a few long records
   * much faster. The merged ones take the first places, so that what is noted meanwhile stays behind them.
   */
  async merge(
    store: Pick<Store, 'range' | 'commit'>,
    isForgotten: (day: number, change: MailboxChange) => boolean
  ): Promise<void> {
    for (const [day, of] of this.#days) {
      if (of.unmerged <= MAX_RECORDS) continue
      of.unmerged = 0
      const keys: string[] = []
      const all: MailboxChange[] = []
      for await (const [key, value] of store.range(keysUnder(this.#tables.mailboxOf(day)))) {
        keys.push(key)
        for (const change of mailboxRecord.decode(value)) all.push(change)
      }
      const changes = lasting(all, (change) => isForgotten(day, change))
      const perRecord = Math.max(MERGED_CHANGES, Math.ceil(changes.length / keys.length))
      await store.commit(
        keys.map((key, place): Write => {
          const merged = changes.slice(place * perRecord, (place + 1) * perRecord)
          return merged.length === 0
            ? { type: 'delete', key }
            : { type: 'put', key, value: mailboxRecord.encode(merged) }
        })
      )
      const gone = new Set(keys.slice(Math.ceil(changes.length / perRecord)))
      of.sequences = of.sequences.filter((sequence) => !gone.has(this.#tables.mailboxOn(day, sequence)))
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

  #of(day: number): Day {
    const known = this.#days.get(day)
    if (known !== undefined) return known
    const made = { next: 0, sequences: [], unmerged: 0 }
    this.#days.set(day, made)
    return made
  }
}

/**
 * The changes that still say something, in their order: of each envelope the last of a kind, of one that arrived nothing else, and of one that was lost
 * nothing that was said of it before. What is forgotten goes
 * only when the record of its envelope went before.
 */
function lasting(
  all: readonly MailboxChange[],
  isForgotten: (change: MailboxChange) => boolean
): readonly MailboxChange[] {
  const byId = new Map<string, Map<MailboxChange['kind'], MailboxChange>>()
  for (const change of all) {
    const key = encodeHex(change.id)
    const ofId = byId.get(key) ?? new Map<MailboxChange['kind'], MailboxChange>()
    if (change.kind === 'purged') ofId.clear()
    if (change.kind === 'lost') for (const kind of ['added', 'removed'] as const) ofId.delete(kind)
    // Put in anew, so that it stands behind what came before it.
    ofId.delete(change.kind)
    byId.set(key, ofId.set(change.kind, change))
  }
  return [...byId.values()].flatMap((ofId) => {
    const changes = [...ofId.values()]
    const last = changes.findLast(({ kind }) => kind !== 'released')
    const isOver = last !== undefined && last.kind !== 'added' && isForgotten(last)
    return isOver ? changes.filter(({ kind }) => kind === 'released') : changes
  })
}

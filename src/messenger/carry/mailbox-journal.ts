import { encodeHex } from '../../codec/hex.js'
import { sha256 } from '../../crypto/hash.js'
import type { Item } from '../../protocol/sync/item.js'
import { envelopeRecord } from '../../storage/records/envelope-record.js'
import { mailboxRecord, SOURCE_BYTES, type MailboxChange } from '../../storage/records/mailbox-record.js'
import type { Tables } from '../../storage/records/tables.js'
import type { Store, Write } from '../../storage/store.js'

/** Records of one day that a start may have to read; more are merged. */
const MAX_RECORDS = 512
/** Changes in a merged record: 60 KB. */
const MERGED_CHANGES = 1_024
/** Changes merged with one commit: some 2 MB, and ten times as much in memory. */
const PART_CHANGES = 32_768
/** Records read at once to be merged: some thousand changes each in a flood. */
const READ_AT_ONCE = 8
/** Envelopes read at once to be deleted: 8 MB at most. */
const SWEPT_AT_ONCE = 256

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
   * Merge the records of days that have very many, and leave out what says nothing any more: a start reads a few long records much faster. The merged
   * ones take the first places of those they are made of, so that what is noted meanwhile stays behind them. A flooded day has millions of changes:
   * they are read and committed part by part, from the first on.
   */
  async merge(
    store: Pick<Store, 'range' | 'commit'>,
    isForgotten: (day: number, change: MailboxChange) => boolean
  ): Promise<void> {
    for (const [day, of] of this.#days) {
      if (of.unmerged <= MAX_RECORDS) continue
      of.unmerged = 0
      const end = this.#tables.mailboxOn(day, of.next)
      for await (const part of this.#parts(store, day, end, isForgotten)) {
        const { keys, merged } = part
        if (part.isSame) continue
        await store.commit(
          keys.map((key, place): Write => {
            const changes = merged[place]
            return changes === undefined
              ? { type: 'delete', key }
              : { type: 'put', key, value: mailboxRecord.encode(changes) }
          })
        )
        const gone = new Set(keys.slice(merged.length))
        of.sequences = of.sequences.filter((sequence) => !gone.has(this.#tables.mailboxOn(day, sequence)))
      }
    }
  }

  /** The records of a day up to `end`, so many at once as hold up to {@link PART_CHANGES} that last: their keys, and what they are merged to. */
  async *#parts(
    store: Pick<Store, 'range'>,
    day: number,
    end: string,
    isForgotten: (day: number, change: MailboxChange) => boolean
  ): AsyncGenerator<{
    readonly keys: readonly string[]
    readonly merged: readonly (readonly MailboxChange[])[]
    readonly isSame: boolean
  }> {
    const spared = new Set<string>()
    let keys: string[] = []
    let found: MailboxChange[] = []
    let count = 0
    let last: string | undefined
    for (let isMore = true; isMore;) {
      const from = last === undefined ? { gte: this.#tables.mailboxOf(day) } : { gt: last }
      let read = 0
      for await (const [key, value] of store.range({ ...from, lt: end, limit: READ_AT_ONCE })) {
        const changes = mailboxRecord.decode(value)
        for (const change of changes) found.push(change)
        keys.push(key)
        count += changes.length
        read++
        last = key
      }
      isMore = read === READ_AT_ONCE
      if (isMore && found.length < PART_CHANGES) continue
      found = lasting(found, (change) => isForgotten(day, change), spared)
      // Room for more.
      if (isMore && found.length < PART_CHANGES / 2) continue
      const merged = split(found, Math.max(MERGED_CHANGES, Math.ceil(found.length / keys.length)))
      yield { keys, merged, isSame: keys.length === merged.length && found.length === count }
      keys = []
      found = []
      count = 0
    }
  }

  /** Delete the envelopes of days before this one: what a damaged record spoke of, or one that was not written any more, is left. */
  async sweep(store: Pick<Store, 'range' | 'commit'>, day: number): Promise<void> {
    for (let isMore = true; isMore;) {
      const writes: Write[] = []
      for await (const [key] of store.range({ ...this.#tables.envelopesBefore(day), limit: SWEPT_AT_ONCE }))
        writes.push({ type: 'delete', key })
      if (writes.length > 0) await store.commit(writes)
      isMore = writes.length === SWEPT_AT_ONCE
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

function split(changes: readonly MailboxChange[], size: number): readonly (readonly MailboxChange[])[] {
  const count = Math.ceil(changes.length / size)
  return Array.from({ length: count }, (_, place) => changes.slice(place * size, (place + 1) * size))
}

/**
 * The changes that still say something, in their order: of each envelope the last of a kind, of one that arrived nothing else, and of one that was lost
 * nothing that was said of it before. Of what is forgotten nothing, in the first part of a day as in the last: should this process end before a record
 * of it goes, that is swept when the day is over. Own ones are noted before they are known: they are `spared`, in later parts too.
 */
function lasting(
  all: readonly MailboxChange[],
  isForgotten: (change: MailboxChange) => boolean,
  spared: Set<string>
): MailboxChange[] {
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
  const changes: MailboxChange[] = []
  for (const [key, ofId] of byId) {
    const last = [...ofId.values()].findLast(({ kind }) => kind !== 'released')
    if (last?.kind === 'added' && last.standing === 'own') spared.add(key)
    const isOver = last !== undefined && !spared.has(key) && isForgotten(last)
    for (const change of ofId.values()) if (!isOver || change.kind === 'released') changes.push(change)
  }
  return changes
}

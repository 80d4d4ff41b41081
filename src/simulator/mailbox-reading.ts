import { encodeHex } from '../codec/hex.js'
import { tagOfPurge } from '../protocol/ratchet/kdf.js'
import { mailboxRecord } from '../storage/records/mailbox-record.js'
import { parseMailboxKey } from '../storage/records/tables.js'
import type { SealedStore } from '../storage/sealed-store.js'
import type { KeyRange, Store } from '../storage/store.js'
import type { Disk } from './disk.js'

/** An envelope that lies on a disk, under its id as hexadecimal digits. */
export interface HeldEnvelope {
  readonly day: number
  /** Hexadecimal. */
  readonly tag: string
  readonly bytes: number
  readonly isOwn: boolean
}

/** What a mailbox has committed. */
export interface CommittedMailbox {
  readonly held: ReadonlyMap<string, HeldEnvelope>
  /** Ids of envelopes that were given up: evicted, or replaced by newer ones. */
  readonly given: ReadonlySet<string>
  /** Tags of envelopes known to have arrived where they were to go. */
  readonly arrived: ReadonlySet<string>
}

/** What a change does to a mailbox, with everything that costs a hash or a copy done. */
type Change =
  | { readonly kind: 'added'; readonly id: string; readonly envelope: HeldEnvelope }
  | { readonly kind: 'removed'; readonly id: string }
  | { readonly kind: 'purged'; readonly id: string; readonly tag: string }

/** A disk of which a range gives only the records that were written since the last time. */
export class ChangedRecords implements Store {
  readonly #disk: Pick<Disk, 'get' | 'peek'>
  readonly #known = new Map<string, Uint8Array>()
  /** Keys of the range that was read last, in order. */
  keys: string[] = []
  /** Those that the range gave. */
  given: string[] = []

  constructor(disk: Pick<Disk, 'get' | 'peek'>) {
    this.#disk = disk
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#disk.get(key)
  }

  range(range: KeyRange): AsyncIterable<readonly [string, Uint8Array]> {
    const pairs = this.#changed(range)
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(pairs.next()) }) }
  }

  *#changed(range: KeyRange): Generator<readonly [string, Uint8Array], undefined> {
    this.keys = []
    this.given = []
    // Most were there before: they cost no wait and no copy.
    for (const [key, record] of this.#disk.peek(range)) {
      this.keys.push(key)
      if (this.#known.get(key) === record) continue
      this.#known.set(key, record)
      this.given.push(key)
      yield [key, record]
    }
    return undefined
  }

  commit(): never {
    throw new RangeError('A disk that is looked at is not written to')
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Reads a whole mailbox again and again; what was not written since is not opened again. */
export class MailboxReading {
  readonly #changed: ChangedRecords
  readonly #store: SealedStore
  readonly #changes = new Map<string, readonly Change[]>()
  #turn: Promise<unknown> = Promise.resolve()

  /** The sealed store is one over the changed records. */
  constructor(changed: ChangedRecords, store: SealedStore) {
    this.#changed = changed
    this.#store = store
  }

  read(range: KeyRange): Promise<CommittedMailbox> {
    const mine = this.#turn.then(() => this.#read(range))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #read(range: KeyRange): Promise<CommittedMailbox> {
    const fresh = new Map<string, readonly Change[]>()
    for await (const [key, value] of this.#store.range(range)) fresh.set(key, changesOf(key, value))
    const { keys, given } = this.#changed
    // What cannot be opened any more says nothing, whatever it said before.
    for (const key of given) this.#changes.set(key, fresh.get(key) ?? [])
    return folded(keys.flatMap((key) => this.#changes.get(key) ?? []))
  }
}

function changesOf(key: string, value: Uint8Array): Change[] {
  const day = parseMailboxKey(key)?.day ?? 0
  return mailboxRecord.decode(value).flatMap((change): Change[] => {
    const id = encodeHex(change.id)
    switch (change.kind) {
      case 'added': {
        const { tag, bytes, standing } = change
        return [
          { kind: 'added', id, envelope: { day, tag: encodeHex(tag), bytes, isOwn: standing === 'own' } }
        ]
      }
      case 'removed':
      case 'lost':
        return [{ kind: 'removed', id }]
      case 'purged':
        return [{ kind: 'purged', id, tag: encodeHex(tagOfPurge(change.secret)) }]
      // It is still held: its carriers learn later that it has arrived.
      case 'released':
        return []
    }
  })
}

function folded(changes: readonly Change[]): CommittedMailbox {
  const held = new Map<string, HeldEnvelope>()
  const given = new Set<string>()
  const arrived = new Set<string>()
  for (const change of changes) {
    const { id } = change
    if (change.kind === 'added') {
      held.set(id, change.envelope)
      given.delete(id)
      continue
    }
    held.delete(id)
    if (change.kind === 'removed') given.add(id)
    else arrived.add(change.tag)
  }
  return { held, given, arrived }
}

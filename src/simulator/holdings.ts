import { encodeHex } from '../codec/hex.js'
import type { IdentityId, MessageId } from '../codec/ids.js'
import { tagOfPurge } from '../protocol/ratchet/kdf.js'
import { envelopeId, type Item } from '../protocol/sync/item.js'
import { mailboxRecord } from '../storage/records/mailbox-record.js'
import { outboxRecord } from '../storage/records/outbox-record.js'
import { keysUnder, parseMailboxKey, Tables } from '../storage/records/tables.js'
import { openSealedStore, type SealedStore, type Unlock } from '../storage/sealed-store.js'
import type { Store } from '../storage/store.js'

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

/** Reads on somebody's disk, past its messenger, what was committed: what a messenger says can be compared with it. */
export class Holdings {
  readonly #store: SealedStore
  readonly #tables: Tables

  private constructor(store: SealedStore) {
    this.#store = store
    this.#tables = new Tables((label, id) => store.blind(label, id))
  }

  /** Of a disk that a messenger has set up; `undefined` if none has. Nothing is written to it. */
  static async open(disk: Store, unlock: Unlock): Promise<Holdings | undefined> {
    if (await isBlank(disk)) return undefined
    return new Holdings(await openSealedStore(disk, { unlock, random: onlyReads }))
  }

  /** The envelope in which a message waits for its receipt; `undefined` if it waits no longer, or is not sealed. */
  async waitingFor(recipient: IdentityId, position: string): Promise<Item | undefined> {
    for await (const [, bytes] of this.#store.range(keysUnder(this.#tables.outboxOf(recipient)))) {
      const { items, envelope, expiryDay } = outboxRecord.decode(bytes)
      if (envelope !== undefined && items.some((item) => item.position === position))
        return { day: expiryDay, id: envelopeId(envelope) }
    }
    return undefined
  }

  async holds({ day, id }: Item): Promise<boolean> {
    return (await this.#store.get(this.#tables.envelope(day, id))) !== undefined
  }

  /** Whether a message is in the history with somebody. */
  async shows(contact: IdentityId, id: MessageId): Promise<boolean> {
    for await (const [key] of this.#store.range(keysUnder(this.#tables.messages(contact))))
      if (key.endsWith(id)) return true
    return false
  }

  async mailbox(): Promise<CommittedMailbox> {
    const held = new Map<string, HeldEnvelope>()
    const given = new Set<string>()
    const arrived = new Set<string>()
    for await (const [key, value] of this.#store.range(keysUnder(this.#tables.mailbox))) {
      const day = parseMailboxKey(key)?.day ?? 0
      for (const change of mailboxRecord.decode(value)) {
        const id = encodeHex(change.id)
        if (change.kind === 'added') {
          const { tag, bytes, standing } = change
          held.set(id, { day, tag: encodeHex(tag), bytes, isOwn: standing === 'own' })
          given.delete(id)
        } else if (change.kind === 'removed') {
          held.delete(id)
          given.add(id)
        } else if (change.kind === 'purged') {
          held.delete(id)
          arrived.add(encodeHex(tagOfPurge(change.secret)))
        }
      }
    }
    return { held, given, arrived }
  }
}

async function isBlank(disk: Store): Promise<boolean> {
  for await (const _record of disk.range({ limit: 1 })) return false
  return true
}

function onlyReads(): never {
  throw new RangeError('A disk that is looked at is not written to')
}

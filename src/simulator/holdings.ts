import type { IdentityId, MessageId } from '../codec/ids.js'
import { envelopeId, type Item } from '../protocol/sync/item.js'
import { outboxRecord } from '../storage/records/outbox-record.js'
import { keysUnder, Tables } from '../storage/records/tables.js'
import { openSealedStore, type SealedStore, type Unlock } from '../storage/sealed-store.js'
import type { Store } from '../storage/store.js'
import type { Disk } from './disk.js'
import { ChangedRecords, MailboxReading, type CommittedMailbox } from './mailbox-reading.js'

/** Reads on somebody's disk, past its messenger, what was committed: what a messenger says can be compared with it. */
export class Holdings {
  readonly #store: SealedStore
  readonly #mailbox: MailboxReading
  readonly #tables: Tables

  private constructor(store: SealedStore, mailbox: MailboxReading) {
    this.#store = store
    this.#mailbox = mailbox
    this.#tables = new Tables((label, id) => store.blind(label, id))
  }

  /** Of a disk that a messenger has set up; `undefined` if none has. Nothing is written to it. */
  static async open(disk: Disk, unlock: Unlock): Promise<Holdings | undefined> {
    if (await isBlank(disk)) return undefined
    const readingOptions = { unlock, random: onlyReads }
    const changed = new ChangedRecords(disk)
    const mailbox = new MailboxReading(changed, await openSealedStore(changed, readingOptions))
    return new Holdings(await openSealedStore(disk, readingOptions), mailbox)
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
    return await this.#mailbox.read(keysUnder(this.#tables.mailbox))
  }
}

async function isBlank(disk: Store): Promise<boolean> {
  for await (const _record of disk.range({ limit: 1 })) return false
  return true
}

function onlyReads(): never {
  throw new RangeError('A disk that is looked at is not written to')
}

import { encodeHex } from '../../codec/hex.js'
import type { IdentityId } from '../../codec/ids.js'
import { parseIdentityId } from '../../codec/ids.js'
import type { RandomSource } from '../../crypto/random.js'
import { dayOf } from '../../protocol/envelope/envelope.js'
import { envelopeId } from '../../protocol/sync/item.js'
import { CLOCK_TOLERANCE_DAYS, MAX_SEEN } from '../../protocol/limits.js'
import { readList, readText, recordCodec, writeList, writeText } from '../../storage/records/record-codec.js'
import { keysUnder, type Tables } from '../../storage/records/tables.js'
import type { Store, Write } from '../../storage/store.js'

/** Bytes of an envelope's hash that are kept. */
const HASH_BYTES = 16

interface SeenRecord {
  readonly contactId: IdentityId
  readonly hashes: readonly string[]
}

const seenRecord = recordCodec<SeenRecord | undefined>(
  'seen',
  1,
  (writer, record) => {
    writeText(writer, record?.contactId ?? '')
    writeList(writer, record?.hashes ?? [], (hash) => {
      writeText(writer, hash)
    })
  },
  (reader) => {
    const contactId = parseIdentityId(readText(reader))
    const hashes = readList(reader, () => readText(reader))
    return contactId === undefined ? undefined : { contactId, hashes }
  }
)

export function hashOf(envelope: Uint8Array): string {
  return hashOfId(envelopeId(envelope))
}

/** The same of an envelope whose id is known. */
export function hashOfId(id: Uint8Array): string {
  return encodeHex(id.subarray(0, HASH_BYTES))
}

/**
 * Envelopes that were decrypted, by hash of the whole envelope: a repeat means its sender has not got our receipt. Kept until they expire, the
 * newest if there are too many.
 */
export class Seen {
  readonly #hashes = new Map<string, IdentityId>()

  find(hash: string): IdentityId | undefined {
    return this.#hashes.get(hash)
  }

  add(contactId: IdentityId, hashes: readonly string[]): void {
    for (const hash of hashes) this.#hashes.set(hash, contactId)
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= MAX_SEEN) break
      this.#hashes.delete(oldest)
    }
  }

  /** The write that keeps these hashes until `expiryDay` is over. */
  static write(
    tables: Tables,
    contactId: IdentityId,
    hashes: readonly string[],
    expiryDay: number,
    random: RandomSource
  ): Write {
    const sequence = encodeHex(random(HASH_BYTES))
    return {
      type: 'put',
      key: tables.seenOn(expiryDay, sequence),
      value: seenRecord.encode({ contactId, hashes })
    }
  }

  /** Delete what is kept of envelopes that nobody takes any more. */
  static async prune(store: Pick<Store, 'range' | 'commit'>, tables: Tables, now: number): Promise<void> {
    const oldest = tables.seenOn(Math.max(0, dayOf(now) - CLOCK_TOLERANCE_DAYS), '')
    const expired: Write[] = []
    for await (const [key] of store.range({ gte: tables.seen, lt: oldest }))
      expired.push({ type: 'delete', key })
    if (expired.length > 0) await store.commit(expired)
  }

  /** Read what is kept, and delete what has expired. */
  async load(store: Pick<Store, 'range' | 'commit'>, tables: Tables, now: number): Promise<void> {
    await Seen.prune(store, tables, now)
    for await (const [, value] of store.range(keysUnder(tables.seen))) {
      const record = seenRecord.decode(value)
      if (record !== undefined) this.add(record.contactId, record.hashes)
    }
  }
}

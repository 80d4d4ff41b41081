import { KEY_BYTES, NONCE_BYTES } from '../crypto/aead.js'
import { hkdf, type ScryptCost } from '../crypto/kdf.js'
import type { RandomSource } from '../crypto/random.js'
import { wipe } from '../crypto/wipe.js'
import { isMessengerError, MessengerError } from '../errors.js'
import { blindedName } from './blinded-name.js'
import { damagedRecord } from './damaged-record.js'
import { remaining } from './key-range.js'
import { openRecord, sealRecord } from './record-seal.js'
import {
  checkUnlock,
  damagedHeader,
  decodeHeader,
  encodeHeader,
  STORE_ID_BYTES,
  tooNew,
  unwrapMasterKey,
  type Unlock
} from './store-header.js'
import type { KeyRange, Store, Write } from './store.js'

export type { Unlock } from './store-header.js'

/** Version of the records' layout that this version of Hallig writes. */
export const SCHEMA_VERSION = 1
/** What a guess at a passphrase costs: 64 MiB and about 200 ms, which a phone can spend once per start. */
export const SCRYPT_COST: ScryptCost = { N: 2 ** 16, r: 8, p: 1 }

/** Records deleted with one commit. */
const DELETE_BATCH = 1_000
/** The one record that is not sealed. */
const HEADER_KEY = 'header'
const NO_SALT = new Uint8Array(0)
const encoder = new TextEncoder()
const VALUE_LABEL = encoder.encode('hallig/1/store/value')
const BLINDING_LABEL = encoder.encode('hallig/1/store/blinding')

/** One step of the layout: reads the store as the version before left it and returns what makes it the next. */
export type Migration = (store: Store) => Promise<readonly Write[]>

export interface SealedStoreOptions {
  readonly unlock: Unlock
  readonly random: RandomSource
  /** By the version they start from; each is committed together with the new version. */
  readonly migrations?: ReadonlyMap<number, Migration>
  /**
   * Told of each damaged record that a range left out: its key, or the first key of the range if the database could not
   * read so far as to know.
   */
  readonly onDamaged?: (key: string) => void
  /** {@link SCHEMA_VERSION} unless a test says otherwise. */
  readonly schemaVersion?: number
  /** {@link SCRYPT_COST} unless a test says otherwise; used when a passphrase is set. */
  readonly scryptCost?: ScryptCost
}

/** A store whose values only the holder of its key can read or change. */
export interface SealedStore extends Store {
  /** 16 random bytes that name this store. */
  readonly storeId: Uint8Array
  /** As of every store; `onCut` is called if the database cannot read to the end: then more may lie behind the last pair. */
  range(range: KeyRange, onCut?: () => void): AsyncIterable<readonly [key: string, value: Uint8Array]>
  /**
   * A name for `id` that only this store can compute: 22 characters of base64url, the same at every call. Put it in keys
   * in place of whatever would tell who somebody talks to. A string is taken as its UTF-8 bytes. It costs a hash: keep
   * the result of a name used often.
   */
  blind(label: string, id: string | Uint8Array): string
  /** From now on only `unlock` opens the store. Records are not rewritten. */
  changeKey(unlock: Unlock): Promise<void>
  /** See {@link destroyStoreKey}; closes the store. */
  destroyKey(options?: { readonly records: boolean }): Promise<void>
}

/**
 * Seals every value of `store` with ChaCha20-Poly1305 under a key that `unlock` opens. An empty store is set up for
 * `unlock`. A damaged record is never returned: `get` rejects with `RECORD_DAMAGED`, `range` leaves it out. Keys stay
 * readable, see {@link SealedStore.blind}; an old copy of the whole store is not detected.
 *
 * Rejects with `WRONG_KEY`, `STORE_TOO_NEW`, `STORE_DAMAGED` or what `store` rejects with, and leaves `store` open then.
 *
 * Nonces are random, 96 bits: after 2^32 writes a repetition has the chance of 2^-33. That is 100 writes in every second
 * for 16 months; a store near it should be copied into a new one.
 */
export async function openSealedStore(store: Store, options: SealedStoreOptions): Promise<SealedStore> {
  checkUnlock(options.unlock)
  const stored = await store.get(HEADER_KEY).catch((error: unknown) => {
    throw isMessengerError(error, 'RECORD_DAMAGED') ? damagedHeader(error) : error
  })
  if (stored === undefined) return createSealed(store, options)
  const header = decodeHeader(stored)
  const schemaVersion = options.schemaVersion ?? SCHEMA_VERSION
  if (header.schema > schemaVersion) throw tooNew()
  const sealed = new SealedRecords(store, header.storeId, unwrapMasterKey(header, options.unlock), options)
  for (let schema = header.schema; schema < schemaVersion; schema++) await sealed.migrate(schema, options)
  return sealed
}

/**
 * Forgets the key of a store, on disk too: nothing in it can be read again by anybody. It takes no key to do so. With `records`, which may take a
 * while, they are deleted afterwards.
 */
export async function destroyStoreKey(
  store: Store,
  { records }: { readonly records: boolean }
): Promise<void> {
  await store.commit([{ type: 'delete', key: HEADER_KEY }])
  await store.scrub?.(HEADER_KEY)
  while (records && !(await isEmpty(store))) {
    const writes: Write[] = []
    for await (const [key] of store.range({ limit: DELETE_BATCH })) writes.push({ type: 'delete', key })
    await store.commit(writes)
  }
}

async function createSealed(store: Store, options: SealedStoreOptions): Promise<SealedStore> {
  if (!(await isEmpty(store))) {
    throw new MessengerError(
      'STORE_DAMAGED',
      'The store holds records but not their key, which was destroyed or lost: restore it from a backup, or remove it to start anew'
    )
  }
  const storeId = options.random(STORE_ID_BYTES)
  const sealed = new SealedRecords(store, storeId, options.random(KEY_BYTES), options)
  await sealed.changeKey(options.unlock)
  return sealed
}

async function isEmpty(store: Store): Promise<boolean> {
  const pairs = store.range({ limit: 1 })[Symbol.asyncIterator]()
  const { done = false } = await pairs.next()
  await pairs.return?.()
  return done
}

interface Keys {
  readonly master: Uint8Array
  readonly value: Uint8Array
  readonly blinding: Uint8Array
}

class SealedRecords implements SealedStore {
  readonly storeId: Uint8Array
  readonly #store: Store
  readonly #random: RandomSource
  readonly #onDamaged: ((key: string) => void) | undefined
  readonly #cost: ScryptCost
  readonly #schema: number
  #keys: Keys | undefined

  constructor(store: Store, storeId: Uint8Array, master: Uint8Array, options: SealedStoreOptions) {
    this.storeId = storeId
    this.#store = store
    this.#random = options.random
    this.#onDamaged = options.onDamaged
    this.#cost = options.scryptCost ?? SCRYPT_COST
    this.#schema = options.schemaVersion ?? SCHEMA_VERSION
    this.#keys = {
      master,
      value: hkdf(master, NO_SALT, VALUE_LABEL, KEY_BYTES),
      blinding: hkdf(master, NO_SALT, BLINDING_LABEL, KEY_BYTES)
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#secrets()
    const record = key === HEADER_KEY ? undefined : await this.#store.get(key)
    if (record === undefined) return undefined
    const value = openRecord(this.#secrets().value, this.storeId, key, record)
    if (value === undefined) throw damagedRecord(key)
    return value
  }

  async *range(range: KeyRange, onCut?: () => void): AsyncIterable<readonly [string, Uint8Array]> {
    let given = 0
    let seen: string | undefined
    let more = true
    // Once for nearly every range; again when records left out have used up a part of the limit.
    while (more) {
      const rest = remaining(range, given, seen)
      let left = rest.limit ?? Infinity
      for await (const [key, record] of this.#readable(rest, onCut)) {
        left--
        seen = key
        const value = key === HEADER_KEY ? undefined : this.#openOrReport(key, record)
        if (value === undefined) continue
        given++
        yield [key, value]
      }
      more = left === 0 && given < (range.limit ?? Infinity)
    }
  }

  async commit(writes: readonly Write[]): Promise<void> {
    await this.#store.commit(this.#sealAll(writes))
  }

  blind(label: string, id: string | Uint8Array): string {
    return blindedName(this.#secrets().blinding, label, id)
  }

  async changeKey(unlock: Unlock): Promise<void> {
    await this.#store.commit([this.#header(unlock, this.#schema)])
    await this.scrub(HEADER_KEY)
  }

  async destroyKey(options: { readonly records: boolean } = { records: false }): Promise<void> {
    this.#secrets()
    // At once: what would be written from now on is no record that anybody can read, and would be left behind.
    this.#forgetKeys()
    try {
      await destroyStoreKey(this.#store, options)
    } finally {
      await this.close()
    }
  }

  async scrub(key: string): Promise<void> {
    await this.#store.scrub?.(key)
  }

  async close(): Promise<void> {
    this.#forgetKeys()
    await this.#store.close()
  }

  #forgetKeys(): void {
    if (this.#keys !== undefined) wipe(this.#keys.master, this.#keys.value, this.#keys.blinding)
    this.#keys = undefined
  }

  /** Takes the layout from `schema` to the next version, in one commit. */
  async migrate(schema: number, { migrations, unlock }: SealedStoreOptions): Promise<void> {
    const migration = migrations?.get(schema)
    if (migration === undefined) {
      throw new MessengerError(
        'STORE_FAILED',
        `This version cannot read stores of layout ${schema}: it is too old`
      )
    }
    const writes = await migration(this)
    await this.#store.commit([...this.#sealAll(writes), this.#header(unlock, schema + 1)])
  }

  /** The pairs that the database can read; it tells of the others only that there are some. */
  async *#readable(range: KeyRange, onCut?: () => void): AsyncIterable<readonly [string, Uint8Array]> {
    this.#secrets()
    try {
      yield* this.#store.range(range)
    } catch (error) {
      if (!isMessengerError(error, 'RECORD_DAMAGED')) throw error
      this.#onDamaged?.(range.gte ?? range.gt ?? '')
      onCut?.()
    }
  }

  #openOrReport(key: string, record: Uint8Array): Uint8Array | undefined {
    const value = openRecord(this.#secrets().value, this.storeId, key, record)
    if (value === undefined) this.#onDamaged?.(key)
    return value
  }

  #sealAll(writes: readonly Write[]): readonly Write[] {
    const { value: valueKey } = this.#secrets()
    // One call for all nonces: it costs as much as a seal.
    const nonces = this.#random(NONCE_BYTES * writes.length)
    return writes.map((write, index) => {
      if (write.key === HEADER_KEY)
        throw new MessengerError('OPTIONS_INVALID', `The key '${HEADER_KEY}' is taken`)
      if (write.type === 'delete') return write
      const nonce = nonces.subarray(NONCE_BYTES * index, NONCE_BYTES * (index + 1))
      return { ...write, value: sealRecord(valueKey, this.storeId, write.key, write.value, nonce) }
    })
  }

  #header(unlock: Unlock, schema: number): Write {
    checkUnlock(unlock)
    const header = { schema, storeId: this.storeId }
    const { master } = this.#secrets()
    return {
      type: 'put',
      key: HEADER_KEY,
      value: encodeHeader(header, master, unlock, this.#cost, this.#random)
    }
  }

  #secrets(): Keys {
    if (this.#keys === undefined) throw new MessengerError('CLOSED', 'The store is closed')
    return this.#keys
  }
}

import { compareBytes } from '../../protocol/compare-bytes.js'
import { BUNDLE_LIFETIME, MAX_BUNDLE_CANDIDATES, MAX_CACHED_BUNDLES } from '../../protocol/limits.js'
import type { BundleRecord } from '../../protocol/prekeys/bundle-record.js'
import { BUNDLE_ID_BYTES } from '../../protocol/prekeys/bundle-record.js'
import { readRecord } from '../../storage/records/read-record.js'
import { readList, readLong, recordCodec, writeList, writeLong } from '../../storage/records/record-codec.js'
import { keysUnder } from '../../storage/records/tables.js'
import type { Context } from '../context.js'

interface Candidate {
  readonly body: Uint8Array
  readonly keptAt: number
}

interface CachedBundles {
  readonly id: Uint8Array
  readonly candidates: readonly Candidate[]
}

const cachedBundles = recordCodec<CachedBundles>(
  'bundle',
  1,
  (writer, { id, candidates }) => {
    writer.bytes(id)
    writeList(writer, candidates, ({ body, keptAt }) => {
      writeLong(writer, body)
      writer.u64(keptAt)
    })
  },
  (reader) => ({
    id: reader.bytes(BUNDLE_ID_BYTES).slice(),
    candidates: readList(reader, () => ({ body: readLong(reader), keptAt: reader.u64() }))
  })
)

/** Other people's sealed bundle records, kept so that somebody can be written to while it is away. Opaque here. */
export class BundleCache {
  readonly #context: Context
  readonly #ids = new Map<string, number>()
  #turn: Promise<void> = Promise.resolve()

  constructor(context: Context) {
    this.#context = context
  }

  async load(): Promise<void> {
    const { store, tables, clock } = this.#context
    for await (const [key, value] of store.range(keysUnder(tables.bundles))) {
      const { candidates } = cachedBundles.decode(value)
      const newest = candidates.at(-1)?.keptAt ?? 0
      if (clock.now() > newest + BUNDLE_LIFETIME) await store.commit([{ type: 'delete', key }])
      else this.#ids.set(key, newest)
    }
  }

  async find(id: Uint8Array): Promise<readonly BundleRecord[]> {
    const key = this.#context.tables.bundle(id)
    return (await this.#candidates(key)).map(({ body }) => ({ id, body }))
  }

  async #candidates(key: string): Promise<readonly Candidate[]> {
    // Most of what is asked for is not here: no read tells so.
    if (!this.#ids.has(key)) return []
    return (await readRecord(this.#context.store, key, cachedBundles))?.candidates ?? []
  }

  /** Keep a record: the newest four for an id, the newest ids if there are too many. One that is the newest already costs no write. */
  async keep(record: BundleRecord): Promise<void> {
    // One after the other: together they would not see each other's, nor make room for each.
    const turn = this.#turn.then(() => this.#keep(record))
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  async #keep({ id, body }: BundleRecord): Promise<void> {
    const { store, tables, clock } = this.#context
    const key = tables.bundle(id)
    const now = clock.now()
    const known = await this.#candidates(key)
    const isSame = (candidate: Candidate): boolean => compareBytes(candidate.body, body) === 0
    const newest = known.at(-1)
    if (newest === undefined || !isSame(newest)) {
      const others = known.filter((candidate) => !isSame(candidate))
      const candidates = [...others.map((other) => ({ ...other, keptAt: now })), { body, keptAt: now }]
      const kept = { id, candidates: candidates.slice(-MAX_BUNDLE_CANDIDATES) }
      const oldest = this.#ids.size >= MAX_CACHED_BUNDLES && !this.#ids.has(key) ? this.#oldest() : undefined
      await store.commit([
        { type: 'put', key, value: cachedBundles.encode(kept) },
        ...(oldest === undefined ? [] : [{ type: 'delete' as const, key: oldest }])
      ])
      if (oldest !== undefined) this.#ids.delete(oldest)
    }
    // Last in, last out: a map keeps the order of insertion.
    this.#ids.delete(key)
    this.#ids.set(key, now)
  }

  #oldest(): string | undefined {
    return this.#ids.keys().next().value
  }
}

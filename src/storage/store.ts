/** One change in a commit. Keys are printable ASCII, compared byte by byte; values are opaque bytes. */
export type Write =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: string }

/** A range of keys, in ascending order unless `reverse`. Where both are given, `gte` wins over `gt` and `lte` over `lt`. */
export interface KeyRange {
  readonly gt?: string
  readonly gte?: string
  readonly lt?: string
  readonly lte?: string
  readonly reverse?: boolean
  readonly limit?: number
  readonly signal?: AbortSignal
}

/**
 * What Hallig asks of a database: ordered keys, range scans and one atomic commit. Implement it to keep messages
 * anywhere; `test/conformance/store.ts` in the repository is the contract every adapter runs.
 *
 * One store belongs to one messenger at a time: an adapter must refuse a second opener with `STORE_LOCKED`, because two
 * writers on one ratchet would use a message key twice.
 */
export interface Store {
  /** The value under `key`, or `undefined`. */
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * Pairs in key order, as they were when the iteration began or later, never a torn commit. Rejects with `ABORTED`
   * once `range.signal` is aborted.
   */
  range(range: KeyRange): AsyncIterable<readonly [key: string, value: Uint8Array]>
  /**
   * Apply all writes or none, later ones winning. Resolves when they are durable to the degree the adapter was opened
   * with. Rejects with `STORE_FULL` or `STORE_FAILED`; after a rejection none of the writes is visible, and a later
   * commit works again once the reason is gone. The values may be changed after it has settled, not before.
   */
  commit(writes: readonly Write[]): Promise<void>
  /**
   * Where the database can: rewrite its files around `key`, so that they hold no older or deleted value of it. File
   * systems and disks may still keep copies. Used when a key is changed or destroyed. Rejects with `STORE_FULL` or `STORE_FAILED`.
   */
  scrub?(key: string): Promise<void>
  /** Wait for commits under way and release the lock. Idempotent. Later calls reject with `CLOSED`. */
  close(): Promise<void>
}

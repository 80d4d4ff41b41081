import { MessengerError } from '../errors.js'
import { checkTakesOnly, isBetween, isStore, type Takes } from '../takes.js'
import type { KeyRange, Store, Write } from './store.js'

/**
 * Writes in one merged commit: 256 use-cases of about four writes each. More would save nothing, since one sync is
 * then shared by so many, and would make the first of them wait longer.
 */
export const MAX_GROUP_WRITES = 1024
/** Bytes of values in one merged commit: a quarter of LevelDB's write buffer, written in a few milliseconds. */
export const MAX_GROUP_BYTES = 1_048_576

/** Bounds of a merged commit; a single commit larger than a bound is still made, alone. */
export interface GroupCommitOptions {
  readonly maxWrites?: number | undefined
  readonly maxBytes?: number | undefined
}

const TAKES: Readonly<Record<string, Takes>> = {
  maxWrites: [isBetween(1, Infinity), 'a number, 1 or more'],
  maxBytes: [isBetween(1, Infinity), 'a number, 1 or more']
}

/**
 * `store`, with commits that wait for each other merged into one: callers that commit while a write is under way share
 * the next. Order is kept, each caller's writes stay together, and each resolves or rejects with the merged commit it
 * was part of. Do not change a value before its commit has resolved. Throws `OPTIONS_INVALID`.
 */
export function groupCommit(store: Store, options: GroupCommitOptions = {}): Store {
  if (!isStore(store)) throw new MessengerError('OPTIONS_INVALID', 'Commits of a Store are merged; give one')
  checkTakesOnly(options, TAKES, 'Bounds are an object, such as { maxWrites: 100 }')
  return new GroupCommitStore(store, options)
}

interface Waiting {
  readonly writes: readonly Write[]
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

class GroupCommitStore implements Store {
  readonly #store: Store
  readonly #maxWrites: number
  readonly #maxBytes: number
  readonly #waiting: Waiting[] = []
  #flushing: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(store: Store, options: GroupCommitOptions) {
    this.#store = store
    this.#maxWrites = options.maxWrites ?? MAX_GROUP_WRITES
    this.#maxBytes = options.maxBytes ?? MAX_GROUP_BYTES
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#store.get(key)
  }

  range(range: KeyRange): AsyncIterable<readonly [string, Uint8Array]> {
    return this.#store.range(range)
  }

  async commit(writes: readonly Write[]): Promise<void> {
    if (this.#closing !== undefined) throw new MessengerError('CLOSED', 'The store is closed')
    const done = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject })
    })
    this.#flushing ??= this.#flush()
    return done
  }

  async scrub(key: string): Promise<void> {
    await this.#flushing
    await this.#store.scrub?.(key)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#flushing
    await this.#store.close()
  }

  async #flush(): Promise<void> {
    // One turn of the microtask queue, so that commits made in the same breath share the first write too.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        await this.#store.commit(merge(group))
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#flushing = undefined
  }

  #takeGroup(): readonly Waiting[] {
    let count = 0
    let writes = 0
    let bytes = 0
    for (const waiting of this.#waiting) {
      writes += waiting.writes.length
      bytes += waiting.writes.reduce((sum, write) => sum + (write.type === 'put' ? write.value.length : 0), 0)
      if (count > 0 && (writes > this.#maxWrites || bytes > this.#maxBytes)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}

function merge(group: readonly Waiting[]): readonly Write[] {
  const [first] = group
  return first !== undefined && group.length === 1 ? first.writes : group.flatMap(({ writes }) => writes)
}

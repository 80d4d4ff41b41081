import { MessengerError } from '../errors.js'
import { checkAborted } from './abort.js'
import { SortedMap } from './sorted-map.js'
import type { KeyRange, Store, Write } from './store.js'

/**
 * A store that ends with the process: for tests, benchmarks and throw-away identities. `name` appears in errors only.
 * Values are copied on the way in and out, so a caller may wipe what it holds.
 */
export function createMemoryStore(options: { readonly name?: string | undefined } = {}): Store {
  return new MemoryStore(options.name ?? 'memory')
}

/** The store of {@link createMemoryStore}, for whoever looks into it without waiting. */
export class MemoryStore implements Store {
  readonly #name: string
  #records: SortedMap | undefined = new SortedMap()

  constructor(name: string) {
    this.#name = name
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return copy((await this.#opened()).get(key))
  }

  async *range(range: KeyRange): AsyncIterable<readonly [string, Uint8Array]> {
    checkAborted(range.signal)
    for (const [key, value] of (await this.#opened()).snapshot(range)) {
      yield [key, Uint8Array.from(value)]
      checkAborted(range.signal)
      if (this.#records === undefined) throw this.#closedError()
    }
  }

  /** The pairs of `range` as they are now, not copied: nobody may change them. Each value is one array until another is put. */
  peek(range: KeyRange): Iterable<readonly [string, Uint8Array]> {
    if (this.#records === undefined) throw this.#closedError()
    return this.#records.snapshot(range)
  }

  async commit(writes: readonly Write[]): Promise<void> {
    const records = await this.#opened()
    for (const write of writes) {
      if (write.type === 'put') records.set(write.key, Uint8Array.from(write.value))
      else records.delete(write.key)
    }
  }

  close(): Promise<void> {
    this.#records = undefined
    return Promise.resolve()
  }

  #opened(): Promise<SortedMap> {
    return this.#records === undefined ? Promise.reject(this.#closedError()) : Promise.resolve(this.#records)
  }

  #closedError(): MessengerError {
    return new MessengerError('CLOSED', `The store '${this.#name}' is closed`)
  }
}

function copy(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : Uint8Array.from(value)
}

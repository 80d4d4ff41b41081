import { keysUnder } from '../storage/records/tables.js'
import type { SealedStore } from '../storage/sealed-store.js'

type Pair = readonly [key: string, value: Uint8Array]

/**
 * One pass over a table whose keys begin with a contact's name, for whoever goes through the contacts in the order of their names: a range for each
 * of ten thousand contacts takes ten times as long. Where the database cannot read on, each contact's records are asked for by themselves, so that
 * damage costs no other contact anything.
 */
export class TableScan {
  readonly #store: Pick<SealedStore, 'range'>
  readonly #pairs: AsyncIterator<Pair>
  #ahead: Promise<Pair | undefined> | undefined
  #isCut = false

  constructor(store: Pick<SealedStore, 'range'>, table: string) {
    this.#store = store
    const pairs = store.range(keysUnder(table), () => {
      this.#isCut = true
    })
    this.#pairs = pairs[Symbol.asyncIterator]()
  }

  /** The records whose keys begin with `prefix`, which is behind those of earlier calls. */
  async take(prefix: string): Promise<readonly Pair[]> {
    const taken: Pair[] = []
    const { lt: end = '' } = keysUnder(prefix)
    let pair = await this.#peek()
    for (; pair !== undefined && pair[0] < end; pair = await this.#peek()) {
      this.#ahead = undefined
      if (pair[0].startsWith(prefix)) taken.push(pair)
    }
    return pair === undefined && this.#isCut ? await this.#ask(prefix) : taken
  }

  async close(): Promise<void> {
    await this.#pairs.return?.()
  }

  #peek(): Promise<Pair | undefined> {
    this.#ahead ??= this.#pairs.next().then(({ done, value }) => (done === true ? undefined : value))
    return this.#ahead
  }

  async #ask(prefix: string): Promise<readonly Pair[]> {
    const pairs: Pair[] = []
    for await (const pair of this.#store.range(keysUnder(prefix))) pairs.push(pair)
    return pairs
  }
}

import { isMessengerError, MessengerError } from '../errors.js'
import { isBytes } from '../takes.js'
import type { KeyRange, Store } from './store.js'

/**
 * A store of the app's own, whose failures are told as the contract says: what its database throws is of a type of its own, and nobody above
 * would know that it was the store.
 */
export function ownStore(store: Store): Store {
  return {
    get: (key) =>
      told(async () => {
        const value = await store.get(key)
        return value === undefined ? undefined : checkedValue(value)
      }),
    range: (range) => pairsOf(store, range),
    commit: (writes) => told(() => store.commit(writes)),
    scrub: (key) => told(async () => await store.scrub?.(key)),
    close: () => told(() => store.close())
  }
}

async function told<Result>(step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    throw failure(error)
  }
}

async function* pairsOf(store: Store, range: KeyRange): AsyncGenerator<readonly [string, Uint8Array]> {
  try {
    for await (const [key, value] of store.range(range)) yield [key, checkedValue(value)]
  } catch (error) {
    throw failure(error)
  }
}

/** Many a database has `null` for what is not there, or text for bytes. */
function checkedValue(value: Uint8Array): Uint8Array {
  if (isBytes(value)) return value
  throw new TypeError('a value is a Uint8Array, and what get() finds nothing for undefined')
}

function failure(cause: unknown): MessengerError {
  if (isMessengerError(cause)) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MessengerError('STORE_FAILED', `The store failed; see what it needs: ${reason}`, { cause })
}

import { isMessengerError, MessengerError } from '../errors.js'
import type { KeyRange, Store } from './store.js'

/**
 * A store of the app's own, whose failures are told as the contract says: what its database throws is of a type of its own, and nobody above
 * would know that it was the store.
 */
export function ownStore(store: Store): Store {
  return {
    get: (key) => told(() => store.get(key)),
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
    yield* store.range(range)
  } catch (error) {
    throw failure(error)
  }
}

function failure(cause: unknown): MessengerError {
  if (isMessengerError(cause)) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MessengerError('STORE_FAILED', `The store failed; see what it needs: ${reason}`, { cause })
}

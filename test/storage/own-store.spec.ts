import assert from 'node:assert/strict'
import { createMessenger } from '../../src/messenger/create-messenger.js'
import { MessengerError } from '../../src/errors.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { ownStore } from '../../src/storage/own-store.js'
import type { Store } from '../../src/storage/store.js'

const unlock = { kind: 'key', key: new Uint8Array(32) } as const

/** A store that fails by throwing at once or by rejecting, as databases do. */
function failing(error: Error): Store {
  const fail = (): never => {
    throw error
  }
  return {
    get: () => Promise.reject(error),
    range: fail,
    commit: fail,
    scrub: () => Promise.reject(error),
    close: fail
  }
}

async function firstOf(store: Store): Promise<unknown> {
  for await (const pair of store.range({})) return pair
  return undefined
}

const calls: readonly ((store: Store) => Promise<unknown>)[] = [
  (store) => store.get('a'),
  firstOf,
  (store) => store.commit([]),
  async (store) => await store.scrub?.('a'),
  (store) => store.close()
]

describe('storage/own-store', () => {
  it('tells every failure of a database as one of the store, with what the database said', async () => {
    const cause = new TypeError('the database is gone')
    for (const call of calls)
      await assert.rejects(call(ownStore(failing(cause))), { code: 'STORE_FAILED', cause })
  })

  it('leaves an error of ours as it is', async () => {
    const full = new MessengerError('STORE_FULL', 'no room')
    for (const call of calls) await assert.rejects(call(ownStore(failing(full))), full)
  })

  it('hands on what it is asked and what it answers', async () => {
    const store = ownStore(createMemoryStore())
    const value = Uint8Array.of(1)
    await store.commit([{ type: 'put', key: 'a', value }])
    await store.scrub?.('a')
    assert.deepEqual(await store.get('a'), value)
    assert.deepEqual(await firstOf(store), ['a', value])
    await store.close()
    await assert.rejects(store.get('a'), { code: 'CLOSED' })
  })

  it('takes nothing for a value but bytes, and for none but undefined', async () => {
    for (const value of [null, 'AQ==', [1], new Uint16Array(1)]) {
      const store = createMemoryStore()
      store.get = () => Promise.resolve(value as unknown as Uint8Array)
      store.range = () => [['a', value as unknown as Uint8Array] as const].values() as never
      await assert.rejects(ownStore(store).get('a'), { code: 'STORE_FAILED', message: /undefined/ })
      await assert.rejects(firstOf(ownStore(store)), { code: 'STORE_FAILED', message: /Uint8Array/ })
      await assert.rejects(createMessenger({ store, unlock, start: false }), { code: 'STORE_FAILED' })
    }
  })

  it('has a messenger say that its store has failed, and that it works again', async () => {
    const store = createMemoryStore()
    await using bob = await createMessenger({ start: false })
    await using alice = await createMessenger({ store, unlock, start: false })
    const { conversationId } = await alice.contacts.add(await bob.identity.card())
    const { commit } = store
    store.commit = () => Promise.reject(new Error('the database is gone'))
    await assert.rejects(alice.send(conversationId, 'lost'), { code: 'STORE_FAILED' })
    assert.equal((await alice.status()).storage, 'failed')
    store.commit = commit
    await alice.send(conversationId, 'kept')
    assert.equal((await alice.status()).storage, 'ok')
  })

  it('tells why a store could not be opened, not that it could not be closed', async () => {
    const store = {
      ...failing(new Error('no disk')),
      close: () => Promise.reject(new Error('nothing to close'))
    }
    await assert.rejects(createMessenger({ store, unlock, start: false }), { message: /no disk/ })
  })
})

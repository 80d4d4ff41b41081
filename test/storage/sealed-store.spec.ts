import assert from 'node:assert/strict'
import { isMessengerError, type ErrorCode } from '../../src/errors.js'
import { damagedRecord } from '../../src/storage/damaged-record.js'
import { openSealedStore, type SealedStoreOptions, type Unlock } from '../../src/storage/sealed-store.js'
import type { Store } from '../../src/storage/store.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { storeConformance } from '../conformance/store.js'
import { openLevel, openMemory } from '../support/store-opened.js'
import { keysOf, pairsOf, put, remove, text, value } from '../support/store-pairs.js'
import { seededRandom } from '../support/store-random.js'

const unlock: Unlock = { kind: 'key', key: new Uint8Array(32).fill(7) }
const random = seededRandom('sealed store')
/** Cheap, because these tests are not about guessing. */
const scryptCost = { N: 16, r: 8, p: 1 }
const options: SealedStoreOptions = { unlock, random, scryptCost }

const overSealed = (store: Store): Promise<Store> => openSealedStore(store, options)
storeConformance('sealed memory', () => openMemory(overSealed), { lasting: true, locked: false })
storeConformance('sealed Level', () => openLevel(overSealed), { lasting: true, locked: true })

describe('a sealed store', () => {
  let plain: Store
  beforeEach(() => {
    plain = createMemoryStore()
  })

  /** A store whose close leaves `plain` open for the next opener. */
  function lasting(): Store {
    const { get, range, commit } = plain
    return {
      get: get.bind(plain),
      range: range.bind(plain),
      commit: commit.bind(plain),
      close: () => Promise.resolve()
    }
  }

  async function rejectsWith(code: ErrorCode, attempt: Promise<unknown>): Promise<void> {
    await assert.rejects(attempt, (error) => isMessengerError(error, code))
  }

  describe('opens', () => {
    it('with its passphrase only, in whatever form of Unicode it was typed', async () => {
      const passphrase = (words: string): Unlock => ({ kind: 'passphrase', passphrase: words })
      const store = await openSealedStore(lasting(), {
        ...options,
        unlock: passphrase('Gr\u00fc\u00dfe aus H\u00f6rnum')
      })
      await store.commit([put('a', 'secret')])
      const again = await openSealedStore(lasting(), {
        ...options,
        unlock: passphrase('Gru\u0308\u00dfe aus Ho\u0308rnum')
      })
      assert.equal(text(await again.get('a')), 'secret')
      assert.deepEqual(again.storeId, store.storeId)
      for (const wrong of [passphrase('Gr\u00fc\u00dfe aus H\u00f6rnun'), unlock]) {
        await rejectsWith('WRONG_KEY', openSealedStore(lasting(), { ...options, unlock: wrong }))
      }
    })

    it('with its key only', async () => {
      await openSealedStore(lasting(), options)
      await openSealedStore(lasting(), options)
      const wrong: Unlock[] = [
        { kind: 'key', key: new Uint8Array(32).fill(8) },
        { kind: 'passphrase', passphrase: 'secret' }
      ]
      for (const unlock of wrong)
        await rejectsWith('WRONG_KEY', openSealedStore(lasting(), { ...options, unlock }))
    })

    it('with the standard cost of a guess unless told otherwise', async () => {
      const unlock: Unlock = { kind: 'passphrase', passphrase: 'secret' }
      await openSealedStore(lasting(), { unlock, random })
      const header = await plain.get('header')
      // log2 N, r and p follow magic, format, schema, store id and kind.
      assert.deepEqual([...(header ?? []).slice(26, 29)], [16, 8, 1])
      await openSealedStore(lasting(), { unlock, random })
    })

    it('not with an empty passphrase or half a key', async () => {
      const half: Unlock = { kind: 'key', key: new Uint8Array(16) }
      await rejectsWith('OPTIONS_INVALID', openSealedStore(plain, { ...options, unlock: half }))
      const empty: Unlock = { kind: 'passphrase', passphrase: '' }
      await rejectsWith('OPTIONS_INVALID', openSealedStore(plain, { ...options, unlock: empty }))
      assert.deepEqual(await keysOf(plain), [])
    })

    it('not over records that have lost their header', async () => {
      await plain.commit([put('a', 'somebody else')])
      await rejectsWith('STORE_DAMAGED', openSealedStore(plain, options))
    })
  })

  describe('hides', () => {
    it('every value, differently each time', async () => {
      const store = await openSealedStore(plain, options)
      await store.commit([put('a', 'the same secret'), put('b', 'the same secret')])
      const first = await plain.get('a')
      assert.notDeepEqual(first?.slice(13), (await plain.get('b'))?.slice(13))
      await store.commit([put('a', 'the same secret')])
      assert.notDeepEqual(await plain.get('a'), first)
      for (const [, sealed] of await pairsOf(plain)) assert.doesNotMatch(sealed ?? '', /secret/)
    })

    it('who a key is about, by a name of its own in each store', async () => {
      const store = await openSealedStore(lasting(), options)
      const name = store.blind('contact', 'bob')
      assert.match(name, /^[A-Za-z0-9_-]{22}$/)
      assert.equal(store.blind('contact', value('bob')), name)
      const again = await openSealedStore(lasting(), options)
      assert.equal(again.blind('contact', 'bob'), name)
      const other = await openSealedStore(createMemoryStore(), options)
      const others = [
        store.blind('session', 'bob'),
        store.blind('contact', 'bab'),
        other.blind('contact', 'bob')
      ]
      assert.equal(new Set([name, ...others, store.blind('contactb', 'ob')]).size, 5)
    })

    it('its header from its users', async () => {
      const store = await openSealedStore(plain, options)
      await store.commit([put('a', '1'), put('z', '2')])
      assert.equal(await store.get('header'), undefined)
      assert.deepEqual(await keysOf(store), ['a', 'z'])
      assert.deepEqual(await keysOf(store, { gt: 'b', limit: 1 }), ['z'])
      await rejectsWith('OPTIONS_INVALID', store.commit([put('b', '1'), put('header', 'x')]))
      await rejectsWith('OPTIONS_INVALID', store.commit([remove('header')]))
      assert.deepEqual(await keysOf(store), ['a', 'z'])
    })
  })

  describe('detects', () => {
    it('every flipped bit of a record', async () => {
      const store = await openSealedStore(plain, options)
      await store.commit([put('message/1', 'hi')])
      const sealed = (await plain.get('message/1')) ?? new Uint8Array()
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        await plain.commit([put('message/1', flipped(sealed, bit))])
        await assert.rejects(
          store.get('message/1'),
          (error) => isMessengerError(error, 'RECORD_DAMAGED') && error.message.includes("'message'")
        )
      }
    })

    it('a record cut short or made longer', async () => {
      const store = await openSealedStore(plain, options)
      await store.commit([put('a', 'hi')])
      const sealed = (await plain.get('a')) ?? new Uint8Array()
      for (const other of [
        sealed.slice(1),
        sealed.slice(0, -1),
        new Uint8Array(),
        Uint8Array.of(...sealed, 0)
      ]) {
        await plain.commit([put('a', other)])
        await rejectsWith('RECORD_DAMAGED', store.get('a'))
      }
    })

    it('a record moved to another key, or to another store with the same key', async () => {
      const store = await openSealedStore(plain, options)
      await store.commit([put('session/bob', 'secret')])
      const sealed = (await plain.get('session/bob')) ?? new Uint8Array()
      await plain.commit([put('session/eve', sealed)])
      await rejectsWith('RECORD_DAMAGED', store.get('session/eve'))
      const elsewhere = createMemoryStore()
      const other = await openSealedStore(elsewhere, options)
      await elsewhere.commit([put('session/bob', sealed)])
      await rejectsWith('RECORD_DAMAGED', other.get('session/bob'))
    })

    it('damage within a range: it gives the others, up to the limit, and names what it left out', async () => {
      const damaged: string[] = []
      const store = await openSealedStore(plain, { ...options, onDamaged: (key) => damaged.push(key) })
      await store.commit(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => put(key, key)))
      await plain.commit([put('b', 'garbage'), put('c', 'garbage')])
      assert.deepEqual(await keysOf(store), ['a', 'd', 'e', 'f'])
      assert.deepEqual(damaged.splice(0), ['b', 'c'])
      assert.deepEqual(await keysOf(store, { limit: 3 }), ['a', 'd', 'e'])
      assert.deepEqual(await keysOf(store, { limit: 2, reverse: true, lte: 'd' }), ['d', 'a'])
    })

    it('a range that the database could not read to its end', async () => {
      const damaged: string[] = []
      const torn: Store = {
        ...lasting(),
        async *range(range) {
          for await (const pair of plain.range(range)) {
            yield pair
            if (pair[0] === 'k/1') throw damagedRecord('k/')
          }
        }
      }
      const store = await openSealedStore(torn, { ...options, onDamaged: (key) => damaged.push(key) })
      await store.commit([put('k/1', '1'), put('k/2', '2')])
      assert.deepEqual(await keysOf(store, { gte: 'k/' }), ['k/1'])
      assert.deepEqual(damaged, ['k/'])
      let cuts = 0
      const note = (): void => {
        cuts++
      }
      for await (const [key] of store.range({ gte: 'k/' }, note)) assert.equal(key, 'k/1')
      assert.equal(cuts, 1)
      for await (const [key] of store.range({ lt: 'k/' }, note)) assert.fail(key)
      assert.equal(cuts, 1, 'a range before the damage is whole')
    })

    it('a header that the database finds damaged', async () => {
      await openSealedStore(lasting(), options)
      const damaged: Store = {
        ...lasting(),
        get: (key) => (key === 'header' ? Promise.reject(damagedRecord(key)) : plain.get(key))
      }
      await rejectsWith('STORE_DAMAGED', openSealedStore(damaged, options))
    })

    it('a damaged header, and never takes it for another key', async () => {
      await openSealedStore(lasting(), options)
      const header = (await plain.get('header')) ?? new Uint8Array()
      for (let bit = 0; bit < header.length * 8; bit++) {
        await plain.commit([put('header', flipped(header, bit))])
        await rejectsWith('STORE_DAMAGED', openSealedStore(lasting(), options))
      }
    })
  })

  describe('changes its key', () => {
    const next: Unlock = { kind: 'passphrase', passphrase: 'something new' }

    it('without rewriting a record', async () => {
      const store = await openSealedStore(lasting(), options)
      await store.commit([put('a', 'secret')])
      const sealed = await plain.get('a')
      const name = store.blind('contact', 'bob')
      await store.changeKey(next)
      await store.commit([put('b', 'more')])
      await rejectsWith('WRONG_KEY', openSealedStore(lasting(), options))
      const again = await openSealedStore(lasting(), { ...options, unlock: next })
      assert.deepEqual(await pairsOf(again), [
        ['a', 'secret'],
        ['b', 'more']
      ])
      assert.deepEqual(await plain.get('a'), sealed)
      assert.equal(again.blind('contact', 'bob'), name)
    })

    it('or destroys it, and is closed', async () => {
      const store = await openSealedStore(lasting(), options)
      await store.commit([put('a', 'secret')])
      await store.destroyKey()
      await rejectsWith('CLOSED', store.get('a'))
      await rejectsWith('CLOSED', store.changeKey(next))
      assert.throws(
        () => store.blind('contact', 'bob'),
        (error) => isMessengerError(error, 'CLOSED')
      )
      await rejectsWith('STORE_DAMAGED', openSealedStore(lasting(), options))
    })

    it('or destroys it with all records, and takes no other that would be left behind', async () => {
      const store = await openSealedStore(lasting(), options)
      await store.commit([put('a', 'secret')])
      const destroyed = store.destroyKey({ records: true })
      // Whenever it is asked for until then.
      for (let turn = 0; turn < 20; turn++) {
        await rejectsWith('CLOSED', store.commit([put(`late ${String(turn)}`, 'secret')]))
        await rejectsWith('CLOSED', store.get('a'))
      }
      await destroyed
      assert.deepEqual(await keysOf(plain, {}), [])
    })
  })

  describe('migrates', () => {
    const rename = async (store: Store): Promise<ReturnType<typeof put>[]> => {
      const pairs = await pairsOf(store, { gte: 'old/', lt: 'old0' })
      return pairs.flatMap(([key, content]) => [remove(key), put(key.replace('old', 'new'), content ?? '')])
    }
    const stamp = async (store: Store): Promise<ReturnType<typeof put>[]> => {
      const keys = await keysOf(store, { gte: 'new/' })
      return [put('stamp', keys.join())]
    }
    const migrations = new Map([
      [1, rename],
      [2, stamp]
    ])

    async function oldStore(): Promise<void> {
      const store = await openSealedStore(lasting(), { ...options, schemaVersion: 1 })
      await store.commit([put('old/1', 'one'), put('old/2', 'two')])
    }

    const migrated = [
      ['new/1', 'one'],
      ['new/2', 'two'],
      ['stamp', 'new/1,new/2']
    ]

    it('step by step, once', async () => {
      await oldStore()
      for (let time = 0; time < 2; time++) {
        const store = await openSealedStore(lasting(), { ...options, schemaVersion: 3, migrations })
        assert.deepEqual(await pairsOf(store), migrated)
      }
    })

    it('a crash between or inside the steps, and goes on from there', async () => {
      await oldStore()
      let budget = 1
      const crashing: Store = {
        ...lasting(),
        commit: (writes) => (budget-- > 0 ? plain.commit(writes) : Promise.reject(new Error('crash')))
      }
      await assert.rejects(openSealedStore(crashing, { ...options, schemaVersion: 3, migrations }), /crash/)
      assert.deepEqual(await keysOf(plain), ['header', 'new/1', 'new/2'])
      const store = await openSealedStore(lasting(), { ...options, schemaVersion: 3, migrations })
      assert.deepEqual(await pairsOf(store), migrated)
    })

    it('never back: an older version says STORE_TOO_NEW, before it asks for the key', async () => {
      await openSealedStore(lasting(), { ...options, schemaVersion: 2 })
      const wrong: Unlock = { kind: 'passphrase', passphrase: 'whatever' }
      await rejectsWith('STORE_TOO_NEW', openSealedStore(lasting(), { ...options, unlock: wrong }))
    })

    it('not across a step that nobody knows', async () => {
      await oldStore()
      const onlySecond = new Map([[2, stamp]])
      await rejectsWith(
        'STORE_FAILED',
        openSealedStore(lasting(), { ...options, schemaVersion: 3, migrations: onlySecond })
      )
    })
  })
})

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

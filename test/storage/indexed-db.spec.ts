import assert from 'node:assert/strict'
import { lockPage, waitForDisk, type WebLocks } from '../../src/storage/indexed-db.js'

/** Locks as a browser keeps them: held until the promise of whoever has them is settled. */
function browserLocks(): WebLocks {
  const held = new Set<string>()
  return {
    async request(name, _options, granted) {
      if (held.has(name)) return granted(null)
      held.add(name)
      try {
        return await granted({ name })
      } finally {
        // Firefox has another process keep them.
        await new Promise((resolve) => setImmediate(resolve))
        held.delete(name)
      }
    }
  }
}

describe('a store in IndexedDB', () => {
  it('is locked until it is released', async () => {
    const page = { navigator: { locks: browserLocks() } }
    const release = await lockPage('alice', page)
    await assert.rejects(lockPage('alice', page), { code: 'STORE_LOCKED' })
    await lockPage('bob', page)
    await release()
    await lockPage('alice', page)
  })

  it('says in our words that a page may not have a lock, as in a sandboxed frame', async () => {
    const cause = new DOMException('Access to the Locks API is denied in this context.', 'SecurityError')
    const page = { navigator: { locks: { request: () => Promise.reject(cause) } } }
    await assert.rejects(lockPage('alice', page), { code: 'STORE_FAILED', cause })
  })

  it('needs Web Locks', async () => {
    for (const page of [{}, { navigator: {} }])
      await assert.rejects(lockPage('alice', page), { code: 'STORE_FAILED', message: /Web Locks/ })
  })

  it('waits for the disk when it writes', () => {
    const asked: unknown[] = []
    const db = {
      transaction(...args: unknown[]) {
        assert.equal(this, db)
        asked.push(args)
      }
    }
    waitForDisk({ db })
    db.transaction(['store'], 'readonly')
    db.transaction(['store'], 'readwrite')
    assert.deepEqual(asked, [
      [['store'], 'readonly', undefined],
      [['store'], 'readwrite', { durability: 'strict' }]
    ])
    waitForDisk({})
    waitForDisk({ db: null })
  })
})

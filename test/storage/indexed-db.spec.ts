import assert from 'node:assert/strict'
import { isMessengerError } from '../../src/errors.js'
import { holdLock, waitForDisk, webLocks, type WebLocks } from '../../src/storage/indexed-db.js'

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
    const locks = browserLocks()
    const release = await holdLock(locks, 'alice')
    assert.ok(release)
    assert.equal(await holdLock(locks, 'alice'), undefined)
    assert.ok(await holdLock(locks, 'bob'))
    await release()
    assert.ok(await holdLock(locks, 'alice'))
  })

  it('passes on that locks are refused', async () => {
    const refusing: WebLocks = { request: () => Promise.reject(new Error('not in this frame')) }
    await assert.rejects(holdLock(refusing, 'alice'), /not in this frame/)
  })

  it('needs Web Locks, which only other databases do without', () => {
    const locks = browserLocks()
    assert.equal(webLocks({}), undefined)
    assert.equal(webLocks(), undefined)
    assert.equal(webLocks({ indexedDB: {}, navigator: { locks } }), locks)
    for (const scope of [{ indexedDB: {} }, { indexedDB: {}, navigator: {} }]) {
      assert.throws(
        () => webLocks(scope),
        (error) => isMessengerError(error, 'STORE_FAILED')
      )
    }
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

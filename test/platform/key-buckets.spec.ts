import assert from 'node:assert/strict'
import { keyBuckets, type KeyBuckets } from '../../src/platform/key-buckets.js'

// The real buckets are tried in `test/browser/wipe.spec.ts`. Here they fail as a test says.

type Settled = 'onsuccess' | 'oncomplete' | 'onabort' | 'onerror'

/** A request or transaction that settles once whoever made it has said what then. */
function settling<T extends object>(parts: T, how: Settled): T {
  const request: T & Partial<Record<Settled, () => void>> = { ...parts }
  queueMicrotask(() => request[how]?.())
  return request
}

class StandIn {
  readonly records = new Map<string, unknown>()
  readonly durabilities: unknown[] = []
  persistent = false
  asked = 0
  full = false

  scope(): object {
    return {
      navigator: {
        storage: { persisted: () => Promise.resolve(this.persistent) },
        storageBuckets: {
          keys: () => Promise.resolve([...this.records.keys()]),
          open: (name: string, { durability }: { durability: unknown }) => {
            this.durabilities.push(durability)
            if (!this.records.has(name)) this.records.set(name, undefined)
            return Promise.resolve({
              indexedDB: { open: () => settling({ result: this.#database(name) }, 'onsuccess') },
              persist: () => {
                this.asked += 1
                return Promise.resolve(true)
              }
            })
          },
          delete: (name: string) => {
            if (this.full) return Promise.reject(new Error('broken'))
            this.records.delete(name)
            return Promise.resolve()
          }
        }
      }
    }
  }

  #database(name: string): object {
    return {
      close: () => undefined,
      transaction: (_: unknown, mode: unknown, options?: { durability: unknown }) => {
        const objectStore = (): object => ({
          get: () => settling({ result: this.records.get(name) }, 'onsuccess'),
          put: (text: string) => this.full || this.records.set(name, text)
        })
        if (mode === 'readwrite') this.durabilities.push(options?.durability)
        const error = new DOMException('Full', 'QuotaExceededError')
        return settling({ objectStore, error }, this.full ? 'onabort' : 'oncomplete')
      }
    }
  }

  files(): KeyBuckets {
    return keyBuckets(this.scope()) ?? assert.fail('There are buckets')
  }
}

describe('platform/key-buckets', () => {
  it('keeps a text under any path until it is destroyed, and waits for the disk', async () => {
    const standIn = new StandIn()
    const files = standIn.files()
    const paths = ['./alice.key', './alice-key', 'ä'.repeat(300), '']
    for (const path of paths) {
      assert.equal(await files.read(path), undefined)
      await files.write(path, `of ${path}`)
    }
    for (const path of paths) assert.equal(await files.read(path), `of ${path}`)
    for (const name of standIn.records.keys()) assert.match(name, /^[a-z][a-z0-9-]{1,63}$/)
    await files.destroy('')
    await files.destroy('')
    assert.equal(await files.read(''), undefined)
    assert.deepEqual(new Set(standIn.durabilities), new Set(['strict']))
  })

  it('takes what a crash left before it was written for none', async () => {
    const standIn = new StandIn()
    standIn.full = true
    await assert.rejects(standIn.files().write('key', 'text'), { code: 'STORE_FULL' })
    assert.equal(standIn.records.size, 1)
    assert.equal(await standIn.files().read('key'), undefined)
    await assert.rejects(standIn.files().destroy('key'), { code: 'STORE_UNWRITABLE' })
  })

  it('says in our words what the browser refuses', async () => {
    const refuse = (): Promise<never> => Promise.reject(new DOMException('No', 'SecurityError'))
    const storageBuckets = { keys: refuse, open: refuse, delete: refuse }
    const files = keyBuckets({ navigator: { storageBuckets } }) ?? assert.fail('There are buckets')
    await assert.rejects(files.read('key'), { code: 'STORE_UNWRITABLE' })
    await assert.rejects(files.write('key', 'text'), { code: 'STORE_UNWRITABLE' })
    await assert.rejects(files.destroy('key'), { code: 'STORE_UNWRITABLE' })
  })

  it('is kept by the browser as long as the store is', async () => {
    const standIn = new StandIn()
    await standIn.files().write('key', 'text')
    await standIn.files().read('key')
    assert.equal(standIn.asked, 0)
    standIn.persistent = true
    await standIn.files().read('key')
    assert.equal(standIn.asked, 1)
  })

  it('is not there where a browser has no buckets, nor in Node', () => {
    for (const scope of [{}, { navigator: undefined }, { navigator: {} }, globalThis])
      assert.equal(keyBuckets(scope), undefined)
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MessengerError } from '../../src/errors.js'
import { Draft, Unit } from '../../src/messenger/unit.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import type { Write } from '../../src/storage/store.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('messenger/unit', () => {
  it('sees the store as its writes leave it, and those of the steps before it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.constantFrom('p/a', 'p/b', 'p/c', 'q/a'), fc.boolean(), fc.constantFrom(0, 1, 2))
        ),
        async (writes) => {
          const memory = createMemoryStore()
          const expected = new Map<string, Uint8Array>()
          const draft = new Draft(undefined)
          const of = (key: string, isPut: boolean, n: number): Write =>
            isPut ? { type: 'put', key, value: bytes(String(n)) } : { type: 'delete', key }
          const [stored, before, own] = [0, 1, 2].map((when) => writes.filter(([, , at]) => at === when))
          for (const [n, [key, isPut]] of (stored ?? []).entries()) await memory.commit([of(key, isPut, n)])
          for (const [n, [key, isPut]] of (before ?? []).entries())
            draft.writes.set(key, of(key, isPut, 10 + n))
          const unit = new Unit(memory, draft)
          for (const [n, [key, isPut]] of (own ?? []).entries()) {
            if (isPut) unit.put(key, bytes(String(100 + n)))
            else unit.delete(key)
          }
          for await (const [key, value] of memory.range({})) expected.set(key, value)
          for (const write of [...draft.writes.values(), ...unit.writes]) {
            if (write.type === 'put') expected.set(write.key, write.value)
            else expected.delete(write.key)
          }
          for (const key of ['p/a', 'p/b', 'p/c', 'q/a'])
            assert.deepEqual(await unit.get(key), expected.get(key))
          const keys = [...expected.keys()].filter((key) => key.startsWith('p/'))
          assert.deepEqual((await unit.keys('p/')).toSorted(), keys.toSorted())
          for (const [key, value] of await unit.records('p/')) assert.deepEqual(value, expected.get(key))
        }
      )
    )
  })

  it('takes a damaged record for none, and passes other failures on', async () => {
    const failing = (code: 'RECORD_DAMAGED' | 'STORE_FAILED'): Unit =>
      new Unit(
        { get: () => Promise.reject(new MessengerError(code, 'x')), range: createMemoryStore().range },
        new Draft(undefined)
      )
    assert.equal(await failing('RECORD_DAMAGED').get('key'), undefined)
    await assert.rejects(failing('STORE_FAILED').get('key'), { code: 'STORE_FAILED' })
  })
})

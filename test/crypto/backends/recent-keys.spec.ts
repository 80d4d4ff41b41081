import assert from 'node:assert/strict'
import { RecentKeys } from '../../../src/crypto/backends/recent-keys.js'

describe('recent keys', () => {
  it('are found by their bytes, not by their array', () => {
    const keys = new RecentKeys<string>(2)
    const raw = Uint8Array.of(0, 255, 128)
    keys.put(raw, 'prepared')
    assert.equal(keys.get(raw.slice()), 'prepared')
    raw[0] = 1
    assert.equal(keys.get(raw), undefined)
    assert.equal(keys.get(Uint8Array.of(0, 255, 128)), 'prepared')
  })

  it('leave in the order they came, however often they are used', () => {
    const keys = new RecentKeys<number>(2)
    const present = () => [1, 2, 3].filter((id) => keys.get(Uint8Array.of(id)) !== undefined)
    keys.put(Uint8Array.of(1), 1)
    keys.put(Uint8Array.of(2), 2)
    assert.deepEqual(present(), [1, 2])
    keys.put(Uint8Array.of(3), 3)
    assert.deepEqual(present(), [2, 3])
  })

  it('do not push others out when put twice', () => {
    const keys = new RecentKeys<number>(2)
    keys.put(Uint8Array.of(1), 1)
    keys.put(Uint8Array.of(2), 2)
    keys.put(Uint8Array.of(2), 22)
    assert.equal(keys.get(Uint8Array.of(1)), 1)
    assert.equal(keys.get(Uint8Array.of(2)), 22)
  })

  it('leave at once when deleted', () => {
    const keys = new RecentKeys<number>(2)
    keys.put(Uint8Array.of(1), 1)
    keys.delete(Uint8Array.of(1))
    keys.delete(Uint8Array.of(9))
    assert.equal(keys.get(Uint8Array.of(1)), undefined)
  })
})

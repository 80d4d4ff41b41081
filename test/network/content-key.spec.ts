import assert from 'node:assert/strict'
import { contentKey } from '../../src/network/content-key.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'

describe('network/content-key', () => {
  it('is the same for the same bytes and another for each of many others', () => {
    const random = createSeededRandom(1)
    const keys = new Set<string>()
    for (let n = 0; n < 5_000; n += 1) {
      const bytes = random.bytes(1 + (n % 40))
      assert.equal(contentKey(bytes), contentKey(bytes.slice()))
      keys.add(`${contentKey(bytes)} ${String(n % 40)}`)
      bytes[0] = (bytes[0] ?? 0) ^ 1
      keys.add(`${contentKey(bytes)} ${String(n % 40)}`)
    }
    // Of one or two bytes there are not as many.
    assert.ok(keys.size > 9_500, String(keys.size))
  })

  it('tells apart what differs by zeros at its end', () => {
    assert.notEqual(contentKey(new Uint8Array(3)), contentKey(new Uint8Array(4)))
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { dhPublicKey } from '../../src/crypto/dh.js'
import { equalBytes, wipe } from '../../src/crypto/wipe.js'

describe('wiping', () => {
  it('leaves zeros', () => {
    const secrets = [Uint8Array.of(1, 2, 3), new Uint8Array(1_000_000).fill(7), new Uint8Array(0)]
    wipe(...secrets)
    assert.deepEqual(secrets, [new Uint8Array(3), new Uint8Array(1_000_000), new Uint8Array(0)])
  })

  it('leaves zeros of a key that was in use', () => {
    const secretKey = new Uint8Array(32).fill(5)
    const publicKey = dhPublicKey(secretKey)
    wipe(secretKey)
    assert.deepEqual(secretKey, new Uint8Array(32))
    assert.notDeepEqual(dhPublicKey(secretKey), publicKey)
  })
})

describe('comparing bytes', () => {
  it('tells equal from different', () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0)
        assert.equal(equalBytes(a, a.slice()), true)
      })
    )
  })

  it('sees every single bit', () => {
    const a = Uint8Array.of(0, 128, 255)
    for (let bit = 0; bit < 24; bit++) {
      const b = a.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      assert.equal(equalBytes(a, b), false)
    }
    assert.equal(equalBytes(a, a.subarray(1)), false)
  })
})

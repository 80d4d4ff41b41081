import assert from 'node:assert/strict'
import { hmacSha512Numbers } from '../../src/crypto/hash.js'
import { hmacsInThreads } from '../../src/platform/hmacs-in-threads.js'

const key = Uint8Array.from({ length: 32 }, (_, index) => index)

describe('HMACs computed in threads', () => {
  it('are those computed here, of many at once', async () => {
    const asked = [
      [0, 32],
      [0, 500],
      [1, 64],
      [40, 64],
      [64, 64]
    ] as const
    const answers = await Promise.all(asked.map(([from, count]) => hmacsInThreads(key, from, count)))
    assert.deepEqual(
      answers,
      asked.map(([from, count]) => hmacSha512Numbers(key, from, count))
    )
  })

  it('are not worth it for a few, nor far behind the beginning', async () => {
    for (const [from, count] of [
      [0, 0],
      [0, 16],
      [100, 64],
      [0xffff_0000, 64]
    ] as const)
      assert.equal(await hmacsInThreads(key, from, count), undefined)
  })
})

import assert from 'node:assert/strict'
import { beginsWithSummed, storedChecksum } from '../../../src/storage/level-files/checksum.js'

describe('storage/level-files/checksum', () => {
  it('is the CRC-32C of RFC 3720, turned by 15 bits and moved', () => {
    // RFC 3720, B.4: of 32 zeros, and of 32 bytes of ones.
    for (const [byte, crc] of [
      [0x00, 0x8a9136aa],
      [0xff, 0x62a8ab43]
    ] as const) {
      const turned = ((crc >>> 15) | (crc << 17)) >>> 0
      assert.equal(storedChecksum(new Uint8Array(32).fill(byte)), (turned + 0xa282ead8) % 2 ** 32)
    }
  })
  it('is found of any bytes that others begin with', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    for (const length of [1, 3, 4]) {
      const checksum = storedChecksum(bytes.subarray(0, length))
      assert.ok(beginsWithSummed(bytes, checksum))
      assert.ok(!beginsWithSummed(bytes.subarray(0, length - 1), checksum))
      assert.ok(!beginsWithSummed(bytes.subarray(1), checksum))
    }
  })
})

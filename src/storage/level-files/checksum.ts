import crc32c from 'crc-32/crc32c.js'

/** LevelDB stores a checksum turned and moved by this, because a checksum of what holds its own is a poor one. */
const MASK = 0xa282_ead8

/** The CRC-32C of these bytes as LevelDB stores it, an unsigned number of 32 bits. */
export function storedChecksum(bytes: Uint8Array): number {
  return masked(crc32c.buf(bytes))
}

/** Whether some of these bytes, from the first on, have this checksum as LevelDB stores it. */
export function beginsWithSummed(bytes: Uint8Array, checksum: number): boolean {
  let crc = 0
  return bytes.some((_, at) => {
    crc = crc32c.buf(bytes.subarray(at, at + 1), crc)
    return masked(crc) === checksum
  })
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0
}

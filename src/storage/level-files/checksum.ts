import crc32c from 'crc-32/crc32c.js'

/** LevelDB stores a checksum turned and moved by this, because a checksum of what holds its own is a poor one. */
const MASK = 0xa282_ead8

/** The CRC-32C of these bytes as LevelDB stores it, an unsigned number of 32 bits. */
export function storedChecksum(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes)
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0
}

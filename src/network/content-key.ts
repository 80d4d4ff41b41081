/** 64 bits of FNV-1a and the length: enough to tell apart what one simulation sends. */
export function contentKey(bytes: Uint8Array): string {
  let one = 0x811c9dc5
  let other = 0x050c5d1f
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193)
    other = Math.imul(other ^ byte, 0x01000197) ^ (other >>> 15)
  }
  return `${String(bytes.length)}:${String(one >>> 0)}:${String(other >>> 0)}`
}

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

/** Bytes on their way, which nobody may change, and what tells them apart. */
export interface Travelling {
  readonly bytes: Uint8Array
  readonly key: string
}

export function travelling(bytes: Uint8Array): Travelling {
  return { bytes, key: contentKey(bytes) }
}

/**
 * The first 16 bytes as a map key, one character each; what is missing counts as zeros. Made of every tag and id many times over, and
 * spelt out because spreading or destructuring goes through an iterator, which takes many times as long.
 */
export function sixteenBytesKey(bytes: Uint8Array): string {
  return String.fromCharCode(
    bytes[0] ?? 0,
    bytes[1] ?? 0,
    bytes[2] ?? 0,
    bytes[3] ?? 0,
    bytes[4] ?? 0,
    bytes[5] ?? 0,
    bytes[6] ?? 0,
    bytes[7] ?? 0,
    bytes[8] ?? 0,
    bytes[9] ?? 0,
    bytes[10] ?? 0,
    bytes[11] ?? 0,
    bytes[12] ?? 0,
    bytes[13] ?? 0,
    bytes[14] ?? 0,
    bytes[15] ?? 0
  )
}

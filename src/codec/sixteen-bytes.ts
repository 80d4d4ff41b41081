/**
 * The first 16 bytes as a map key, one character each; what is missing counts as zeros. Made of every tag and id many times over, and
 * spelt out because spreading the bytes takes seven times as long.
 */
export function sixteenBytesKey(bytes: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = bytes
  const [i = 0, j = 0, k = 0, l = 0, m = 0, n = 0, o = 0, p = 0] = bytes.subarray(8, 16)
  return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
}

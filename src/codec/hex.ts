/** Values of digits by character code. */
const VALUES = Array.from({ length: 103 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)))
const NO_DIGIT = -1

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Bytes as lower-case hexadecimal text. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte] ?? ''
  return text
}

/** The value of one digit; of anything else a value that no digit has, even shifted. */
function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? NO_DIGIT
}

/** The bytes of hexadecimal text that this device wrote. Throws `RangeError` for other text. */
export function decodeHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1)
  let wrong = text.length & 1
  for (let index = 0; index < bytes.length; index++) {
    const digits = (valueAt(text, 2 * index) << 4) | valueAt(text, 2 * index + 1)
    wrong |= digits >> 8
    bytes[index] = digits
  }
  if (wrong !== 0) throw new RangeError('Not hexadecimal text')
  return bytes
}

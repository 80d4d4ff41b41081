/** Values of digits by character code. */
const VALUES = Array.from({ length: 103 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)))
const NO_DIGIT = -1

/** Character codes of digits by value. */
const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** Most bytes whose digits are handed over in one call. */
const MAX_PART = 1_024
/** Digits of an id, which is what is written most: kept, as a list for each would be garbage at once. */
const idDigits: number[] = new Array<number>(32).fill(0)

/** Bytes as lower-case hexadecimal text. */
export function encodeHex(bytes: Uint8Array): string {
  if (bytes.length > MAX_PART)
    return encodeHex(bytes.subarray(0, MAX_PART)) + encodeHex(bytes.subarray(MAX_PART))
  const digits = 2 * bytes.length === idDigits.length ? idDigits : new Array<number>(2 * bytes.length)
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    digits[2 * index] = DIGITS[byte >> 4] ?? 0
    digits[2 * index + 1] = DIGITS[byte & 15] ?? 0
  }
  // In one piece: joined digit by digit, text is a tree of its parts until somebody reads it.
  return Reflect.apply(String.fromCharCode, undefined, digits)
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

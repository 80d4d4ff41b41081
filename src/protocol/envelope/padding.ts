const MARK = 0x80

/** ISO/IEC 7816-4 padding to exactly `length` bytes, inside the AEAD: a mark, then zeros. Written to zeros where they are given. */
export function pad(content: Uint8Array, length: number, zeros = new Uint8Array(length)): Uint8Array {
  if (content.length >= length) throw new RangeError('No room for the padding mark')
  const padded = zeros.length === length ? zeros : zeros.subarray(0, length)
  padded.set(content)
  padded[content.length] = MARK
  return padded
}

/** The content before the padding as a view, or `undefined` if there is no mark. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  return end >= 0 && padded[end] === MARK ? padded.subarray(0, end) : undefined
}

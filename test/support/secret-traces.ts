/** Bytes of a secret that are looked for: no chance has them, and what holds a part is found. */
const PART = 18

/** Every way in which bytes are written down: raw, hexadecimal, base64 at any place, lists of numbers; white space is left out. */
function writings(bytes: Uint8Array): string[] {
  const part = Buffer.from(bytes.subarray(0, PART))
  const base64 = [0, 1, 2].map((from) =>
    Buffer.from(bytes.subarray(from, from + PART - 3)).toString('base64')
  )
  const hex = part.toString('hex')
  const numbers = [...part.subarray(0, 12)]
  return [
    part.toString('latin1').replace(/\s/g, ''),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    numbers.join(','),
    numbers.map((byte, at) => `"${String(at)}":${String(byte)}`).join(',')
  ]
}

/** Which of these secrets show in a text, forwards or backwards. Bytes are taken as latin1. */
export function shownSecrets(secrets: ReadonlyMap<string, Uint8Array>, text: string): string[] {
  const dense = text.replace(/\s/g, '')
  return [...secrets]
    .filter(([, secret]) =>
      [secret, Uint8Array.from(secret).reverse()].some((bytes) =>
        writings(bytes).some((writing) => dense.includes(writing))
      )
    )
    .map(([name]) => name)
}

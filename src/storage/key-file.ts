import { MessengerError } from '../errors.js'

/** Bytes of the key that unlocks a store. */
export const STORE_KEY_BYTES = 32

const COMMENT = '# Key of a Hallig store. Whoever has it can read the store; without it nobody can.'
const HEX = /^[0-9a-f]*$/i

/** The text of a key file: a comment and the key in hexadecimal digits. */
export function formatKeyFile(key: Uint8Array): string {
  if (key.length !== STORE_KEY_BYTES) throw new RangeError(`A store key has ${STORE_KEY_BYTES} bytes`)
  const digits = Array.from(key, (byte) => byte.toString(16).padStart(2, '0'))
  return `${COMMENT}\n${digits.join('')}\n`
}

/**
 * The 32 bytes of a key file: hexadecimal digits, on one line or several, and lines of comment that begin with `#`.
 * Throws `WRONG_KEY` for anything else, without quoting any of it.
 */
export function parseKeyFile(text: string): Uint8Array {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'))
  const digits = lines.join('').replaceAll(/\s/g, '')
  if (digits.length !== 2 * STORE_KEY_BYTES || !HEX.test(digits)) {
    throw new MessengerError(
      'WRONG_KEY',
      `This is not a key file: it should hold ${2 * STORE_KEY_BYTES} hexadecimal digits beside comments`
    )
  }
  return Uint8Array.from({ length: STORE_KEY_BYTES }, (_, at) =>
    parseInt(digits.slice(2 * at, 2 * at + 2), 16)
  )
}

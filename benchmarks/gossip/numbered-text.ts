import { randomBytes } from 'node:crypto'

/** Bytes of every message. */
export const MESSAGE_BYTES = 512
const NUMBER_DIGITS = 8

/** A text of {@link MESSAGE_BYTES} that says its number and is otherwise random. */
export function numberedText(number: number): string {
  const random = randomBytes((MESSAGE_BYTES - NUMBER_DIGITS) / 2).toString('hex')
  return `${String(number).padStart(NUMBER_DIGITS, '0')}${random}`
}

export function numberOf(text: string): number {
  return Number(text.slice(0, NUMBER_DIGITS))
}

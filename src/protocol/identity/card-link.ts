import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { MAX_CARD_BYTES } from '../limits.js'

const SCHEME = 'hallig:'
const BASE64URL = /^[A-Za-z0-9_-]+$/

/** A card as text: `hallig:` and base64url without padding. */
export function encodeCardLink(card: Uint8Array): string {
  return SCHEME + toString(card, 'base64url')
}

/** The card's bytes in a link, or `undefined` if it is none. White space, as mail programs insert it, is ignored. */
export function decodeCardLink(link: string): Uint8Array | undefined {
  const text = link.replace(/\s+/g, '')
  if (!text.toLowerCase().startsWith(SCHEME)) return undefined
  const body = text.slice(SCHEME.length)
  // Four characters carry three bytes; one character too many carries nothing and would make the decoder throw.
  if (!BASE64URL.test(body) || body.length % 4 === 1 || body.length > Math.ceil((MAX_CARD_BYTES * 4) / 3))
    return undefined
  try {
    return fromString(body, 'base64url')
  } catch (error) {
    // The only way the decoder tells that the last character carries bits of no byte.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

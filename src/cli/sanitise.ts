import { stripVTControlCharacters } from 'node:util'

/**
 * Text that somebody else wrote, made safe to print: a terminal obeys escape sequences, and bidirectional overrides make
 * a line read as something it is not. JSON output needs none of this, it escapes.
 */
export function sanitiseText(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/\t/g, '    ')
    .replace(CONTROLS, '')
    .replace(MARK_PILE, '$1')
}

/** The same for what belongs on one line: names, media types, addresses. */
export function sanitiseLine(text: string): string {
  return sanitiseText(text).replace(/\s+/g, ' ').trim()
}

// All controls except the line feed; directional marks, embeddings, overrides and isolates; invisible spaces and tag characters.
// The zero-width joiners stay: emoji and several scripts need them, and they move nothing.
const CONTROLS =
  /(?!\n)[\p{Cc}\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu

/** A pile of combining marks paints over the lines above; no script stacks more than this many. */
const MARK_PILE = /(\p{M}{6})\p{M}+/gu

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The characters of a text as a reader counts them: a letter with its marks, an emoji with its joiners. */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), (part) => part.segment)
}

/** Columns that a terminal gives one grapheme, or what changes its style: 0, 1 or 2. */
export function graphemeCells(grapheme: string): number {
  const code = grapheme.codePointAt(0)
  if (code === undefined || /^(\p{Cc}|[\p{M}\p{Cf}]+$)/u.test(grapheme)) return 0
  if (code < 0x1100) return 1
  if (/^\p{Emoji_Presentation}/u.test(grapheme) || /^\p{Extended_Pictographic}\ufe0f/u.test(grapheme))
    return 2
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

const STYLES = /(\p{Cc}\[[\d;]*m)/u

/** The graphemes of a text, and in their places the escape sequences by which it changes its style: those are no column wide. */
export function pieces(text: string): string[] {
  // Split by an expression in brackets, every second part is what it matched.
  return text.split(STYLES).flatMap((part, index) => (index % 2 === 0 ? graphemes(part) : part))
}

/** Columns that a terminal gives a text without escape sequences but those of styles. */
export function cells(text: string): number {
  // Plain ASCII is most of what is measured.
  if (/^[ -~]*$/.test(text)) return text.length
  return pieces(text).reduce((sum, piece) => sum + graphemeCells(piece), 0)
}

/** The text cut to at most `width` columns, with an ellipsis where something is missing. */
export function truncate(text: string, width: number): string {
  if (cells(text) <= width) return text
  let kept = ''
  let used = 0
  for (const grapheme of graphemes(text)) {
    const wide = graphemeCells(grapheme)
    if (used + wide > width - 1) break
    kept += grapheme
    used += wide
  }
  return width > 0 ? `${kept}…` : ''
}

/** The text filled with spaces to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cells(text)))
}

// East Asian Wide and Fullwidth blocks (Unicode UAX #11); the wide symbols outside them all have Emoji_Presentation.
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd]
]

import { cells, graphemeCells, graphemes } from './width.js'

/** A text as lines of at most `width` columns: broken at spaces where there are any, inside a word only if it is longer. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, width)))
}

function wrapLine(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  // Trailing spaces may hang over the edge; nobody sees them.
  const add = (piece: string): void => {
    if (used > 0 && used + cells(piece.trimEnd()) > width) {
      // An indentation alone is not worth a line.
      if (line.trim() !== '') lines.push(line.trimEnd())
      line = ''
      used = 0
    }
    line += piece
    used += cells(piece)
  }
  for (const word of text.split(/(?<= )(?=[^ ])/)) {
    if (cells(word.trimEnd()) <= width) add(word)
    else breakWord(word, width).forEach(add)
  }
  return [...lines, line.trimEnd()]
}

/** The word in pieces of at most `width` columns. */
export function breakWord(word: string, width: number): string[] {
  const pieces: string[] = []
  let piece = ''
  let used = 0
  for (const grapheme of graphemes(word)) {
    const wide = graphemeCells(grapheme)
    if (used + wide > width) {
      pieces.push(piece)
      piece = ''
      used = 0
    }
    piece += grapheme
    used += wide
  }
  return [...pieces, piece]
}

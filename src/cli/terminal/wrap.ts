import { cells, graphemeCells, pieces } from './width.js'

/** A text as lines of at most `width` columns: broken at spaces where there are any, inside a word only if it is longer. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, width)))
}

/** The same with every line but the first behind a margin: what others wrote begins no line of ours, wherever they break it. */
export function hang(text: string, width: number, margin: string): string[] {
  return wrap(text, width - margin.length).map((line, index) => (index === 0 ? line : margin + line))
}

/**
 * The same for sentences of ours: no break inside of `a command`, a link or an address, which are there to be copied. One that is longer than a
 * line is left to the terminal, which knows that it belongs together.
 */
export function hangSentences(text: string, width: number, margin: string): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let rest = ''
    for (const word of line.match(/ *(?:`[^`]*`|[^ `]|`)+/g) ?? []) {
      const next = margin + word.trimStart()
      if (rest !== '' && cells(rest + word) > width && cells(next) <= width) {
        lines.push(rest)
        rest = next
      } else rest += word
    }
    return [...lines, rest]
  })
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
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const piece of pieces(word)) {
    const wide = graphemeCells(piece)
    if (used + wide > width) {
      lines.push(line)
      line = ''
      used = 0
    }
    line += piece
    used += wide
  }
  return [...lines, line]
}

import type { Editor } from '../terminal/editor.js'
import { graphemeCells, graphemes } from '../terminal/width.js'

/** What is being typed, as lines with the prompt, and where the cursor stands in them. */
export interface InputArea {
  readonly lines: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number }
}

const PROMPT = '> '

/** The typed text over at most `room` rows; the part around the cursor if there is more. */
export function inputArea(editor: Editor, columns: number, room: number): InputArea {
  // One column stays free for the cursor behind the last character.
  const width = Math.max(2, columns - PROMPT.length - 1)
  const rows: string[] = []
  let current = ''
  let column = 0
  const put = (grapheme: string): void => {
    const wide = graphemeCells(grapheme)
    if (grapheme === '\n' || column + wide > width) {
      rows.push(current)
      current = ''
      column = 0
    }
    if (grapheme === '\n') return
    current += grapheme
    column += wide
  }
  for (const grapheme of graphemes(editor.before)) put(grapheme)
  const cursor = { row: rows.length, column: PROMPT.length + column }
  for (const grapheme of graphemes(editor.after)) put(grapheme)
  rows.push(current)
  const first = Math.max(0, Math.min(cursor.row - room + 1, rows.length - room))
  const lines = rows
    .slice(first, first + room)
    .map((row, index) => (first + index === 0 ? PROMPT : '  ') + row)
  return { lines, cursor: { row: cursor.row - first, column: cursor.column } }
}

/** One screenful: a line per row, styled but without cursor movements, and where the cursor rests (both from 0). */
export interface Frame {
  readonly lines: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number }
}

/** What to write to turn the `shown` frame into the next one: only the lines that differ. Without `shown` everything. */
export function frameUpdate(shown: Frame | undefined, next: Frame): string {
  // Erased before it is written: behind a line as wide as the screen the cursor still stands on its last character.
  const changes = next.lines
    .map((line, row) => (shown?.lines[row] === line ? '' : `${moveTo(row, 0)}${ERASE_REST}${line}${RESET}`))
    .join('')
  const { row, column } = next.cursor
  if (changes === '' && shown?.cursor.row === row && shown.cursor.column === column) return ''
  const start = shown === undefined ? ERASE_ALL : ''
  return `${HIDE_CURSOR}${start}${changes}${moveTo(row, column)}${SHOW_CURSOR}`
}

const ESC = '\u001b'
const RESET = `${ESC}[0m`
const ERASE_REST = `${ESC}[K`
const ERASE_ALL = `${ESC}[2J`
const HIDE_CURSOR = `${ESC}[?25l`
const SHOW_CURSOR = `${ESC}[?25h`

function moveTo(row: number, column: number): string {
  return `${ESC}[${String(row + 1)};${String(column + 1)}H`
}

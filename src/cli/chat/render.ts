import type { Frame } from '../terminal/frame.js'
import type { Paint } from '../terminal/paint.js'
import type { Size } from '../terminal/screen.js'
import type { ChatState } from './chat-state.js'
import { historyLines } from './history-lines.js'
import { inputArea } from './input-area.js'
import { statusLine } from './status-line.js'

/** Rows the typed text may take before it scrolls in itself. */
const MAX_INPUT_ROWS = 6

/** The chat's screen: history above, then the status line, then what is being typed. */
export function renderChat(state: ChatState, size: Size, paint: Paint): Frame {
  const input = inputArea(state.editor, size.columns, inputRoom(size))
  const history = historyLines(state, size.columns, paint)
  const room = historyRoom(state, size)
  const end = history.length - clampScroll(state.scroll, history.length, room)
  const visible = history.slice(Math.max(0, end - room), end)
  const blank = Array.from({ length: room - visible.length }, () => '')
  const lines = [...blank, ...visible, statusLine(state, size.columns, paint), ...input.lines]
  return { lines, cursor: { row: room + 1 + input.cursor.row, column: input.cursor.column } }
}

/** How far the history can be scrolled: lines above the first screenful. */
export function mostScroll(state: ChatState, size: Size, paint: Paint): number {
  return Math.max(0, historyLines(state, size.columns, paint).length - historyRoom(state, size))
}

/** Rows of history that the screen shows. */
export function historyRoom(state: ChatState, size: Size): number {
  const input = inputArea(state.editor, size.columns, inputRoom(size))
  return Math.max(0, size.rows - 1 - input.lines.length)
}

function inputRoom({ rows }: Size): number {
  return Math.max(1, Math.min(MAX_INPUT_ROWS, Math.floor(rows / 3)))
}

function clampScroll(scroll: number, lines: number, room: number): number {
  return Math.min(scroll, Math.max(0, lines - room))
}

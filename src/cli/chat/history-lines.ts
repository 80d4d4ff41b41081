import type { Contact, Message } from '../../library.js'
import { contactName } from '../contact-argument.js'
import { messageText, statusTick } from '../message-text.js'
import type { Paint } from '../terminal/paint.js'
import { cells, padEnd, truncate } from '../terminal/width.js'
import { wrap } from '../terminal/wrap.js'
import { clockText, dayText } from '../time-text.js'
import type { ChatState, Entry } from './chat-state.js'

/** Columns a name may take before it is cut. */
const MAX_NAME = 16
/** `09:05` and two spaces. */
const TIME_COLUMNS = 7
/** Between name and text. */
const GAP = 2
/** A text gets so many columns even where there is no room for them. */
const MIN_TEXT = 8

/** The whole history as styled lines of at most `columns`. */
export function historyLines(state: ChatState, columns: number, paint: Paint): string[] {
  const lines: string[] = []
  const layout = layoutFor(state.contact, columns)
  let day = ''
  if (state.entries.length === 0) lines.push(...noticeLines(GREETING, columns).map(paint.faint))
  for (const entry of state.entries) {
    if (entry.kind === 'message') {
      const { message } = entry
      const its = dayText(message.sentAt)
      if (its !== day) lines.push(paint.faint(rule(its, columns)))
      day = its
      if (message.id === state.newFrom) lines.push(paint.good(rule('new', columns)))
    }
    lines.push(...entryLines(entry, layout, paint))
  }
  return lines
}

const GREETING = 'Nothing was said yet. Type a message and press Enter; /help lists what else you can do.'

interface Layout {
  readonly columns: number
  readonly name: string
  readonly nameColumns: number
  readonly textColumns: number
}

function layoutFor(contact: Contact, columns: number): Layout {
  const name = truncate(contactName(contact), Math.min(MAX_NAME, Math.max(4, Math.floor(columns / 5))))
  const nameColumns = Math.max(cells(name), 3)
  return {
    columns,
    name,
    nameColumns,
    textColumns: Math.max(MIN_TEXT, columns - TIME_COLUMNS - nameColumns - GAP)
  }
}

/** What an entry came out as last time: it is drawn again at every key, and hardly ever changes. */
const drawn = new WeakMap<
  Entry,
  { readonly key: string; readonly paint: Paint; readonly lines: readonly string[] }
>()

function entryLines(entry: Entry, layout: Layout, paint: Paint): readonly string[] {
  const key = `${String(layout.columns)} ${layout.name}`
  const known = drawn.get(entry)
  if (known?.key === key && known.paint === paint) return known.lines
  const lines = drawEntry(entry, layout, paint)
  drawn.set(entry, { key, paint, lines })
  return lines
}

function drawEntry(entry: Entry, layout: Layout, paint: Paint): readonly string[] {
  switch (entry.kind) {
    case 'message':
      return messageLines(entry.message, layout, paint)
    case 'notice':
      return noticeLines(entry.text, layout.columns).map(
        entry.tone === 'warning' ? paint.warning : paint.faint
      )
    case 'drawing':
      return entry.lines
  }
}

function messageLines(message: Message, layout: Layout, paint: Paint): string[] {
  const who = message.own
    ? paint.own(padEnd('you', layout.nameColumns))
    : paint.theirs(padEnd(layout.name, layout.nameColumns))
  const mark = MARKS[message.priority]
  const start = `${paint.faint(clockText(message.sentAt))}  ${who} ${mark === '' ? '' : paint.warning(mark)} `
  const indent = ' '.repeat(TIME_COLUMNS + layout.nameColumns + GAP + mark.length)
  const width = Math.max(MIN_TEXT, layout.textColumns - mark.length)
  const text = wrap(messageText(message), width)
  const withTick = message.own ? appendTick(text, statusTick(message.status, paint), width) : text
  return withTick.map((line, index) => (index === 0 ? start : indent) + line)
}

/** In the middle of the gap between name and text: a column where no sender can write. */
const MARKS: Readonly<Record<Message['priority'], string>> = { routine: '', urgent: '!', emergency: '!!' }

/** The tick behind the last line, or below it where it does not fit. */
function appendTick(lines: readonly string[], tick: string, width: number): string[] {
  const last = lines.at(-1) ?? ''
  const fits = cells(last) + TICK_ROOM <= width
  return fits ? [...lines.slice(0, -1), `${last} ${tick}`] : [...lines, tick]
}

/** A space and the widest of the usual ticks. */
const TICK_ROOM = 3

function noticeLines(text: string, columns: number): string[] {
  return wrap(text, Math.max(8, columns - 2)).map((line, index) => `${index === 0 ? '•' : ' '} ${line}`)
}

/** A heading in the middle of a line across the screen. */
function rule(text: string, columns: number): string {
  const shown = ` ${truncate(text, Math.max(1, columns - 4))} `
  const rest = Math.max(0, columns - cells(shown))
  const left = Math.floor(rest / 2)
  return `${'─'.repeat(left)}${shown}${'─'.repeat(rest - left)}`
}

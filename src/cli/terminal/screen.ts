import process from 'node:process'
import { emitKeypressEvents } from 'node:readline'
import type { Sink, Source } from '../surroundings.js'
import { frameUpdate, type Frame } from './frame.js'
import type { Key } from './keys.js'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** The terminal while a full-screen program has it. */
export interface Screen {
  size(): Size
  /** Show a frame; several calls within one turn of the event loop are one write. */
  show(compose: () => Frame): void
  /** Forget what is shown: the next frame is written whole. */
  invalidate(): void
  /** Give the terminal back as it was. */
  close(): void
}

/** Have the terminal cut lines that are too long at its edge, instead of going on below (DECAWM). */
export const CUT_LONG_LINES = '\u001b[?7l'
export const WRAP_LONG_LINES = '\u001b[?7h'

// The alternate screen keeps the shell's lines untouched; bracketed paste tells a pasted line feed from the Enter key.
const ENTER = `\u001b[?1049h\u001b[?2004h${CUT_LONG_LINES}`
const LEAVE = `${WRAP_LONG_LINES}\u001b[?2004l\u001b[?25h\u001b[?1049l`

/** Take over the terminal: raw keys to `onKey`, redraws on resize. Ends with `close()`. */
export function openScreen(
  stdin: Source,
  stdout: Sink,
  on: { readonly key: (text: string | undefined, key: Key) => void; readonly resize: () => void }
): Screen {
  let shown: Frame | undefined
  let pending: (() => Frame) | undefined
  const onKey = (text: string | undefined, key: Key): void => {
    on.key(text, key)
  }
  const onResize = (): void => {
    shown = undefined
    on.resize()
  }
  const flush = (): void => {
    if (pending === undefined) return
    const next = pending()
    pending = undefined
    const update = frameUpdate(shown, next)
    if (update !== '') stdout.write(update)
    shown = next
  }
  const enter = (): void => {
    stdin.setRawMode?.(true)
    stdout.write(ENTER)
  }
  // The shell had the terminal since somebody stopped this process. Node takes a terminal that it made raw to be so still.
  const onContinue = (): void => {
    stdin.setRawMode?.(false)
    enter()
    onResize()
  }
  const restore = (): void => {
    stdin.setRawMode?.(false)
    stdout.write(LEAVE)
  }
  // However the process ends, the shell gets its terminal back.
  process.once('exit', restore)
  process.on('SIGCONT', onContinue)
  emitKeypressEvents(stdin)
  enter()
  stdin.on('keypress', onKey)
  stdin.resume()
  stdout.on('resize', onResize)
  return {
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    show(compose) {
      if (pending === undefined) setImmediate(flush)
      pending = compose
    },
    invalidate() {
      shown = undefined
    },
    close() {
      pending = undefined
      stdout.off('resize', onResize)
      stdin.off('keypress', onKey)
      process.off('exit', restore)
      process.off('SIGCONT', onContinue)
      stdin.pause()
      restore()
    }
  }
}

import { classify } from './exit-code.js'
import { sanitiseText } from './sanitise.js'
import type { Sink, Surroundings } from './surroundings.js'
import { paintFor, type Paint } from './terminal/paint.js'
import { CUT_LONG_LINES, WRAP_LONG_LINES } from './terminal/screen.js'
import { hang, hangSentences } from './terminal/wrap.js'

/** Where a command's answer goes: lines for people, or JSON for programs. */
export interface Output {
  readonly json: boolean
  readonly paint: Paint
  /**
   * One answer in both forms: `lines` are printed to people, `record` as one line of JSON. On a terminal lines are broken between words, and go
   * on behind `margin`.
   */
  print(lines: string | readonly string[], record: unknown, margin?: string): void
  /**
   * The same of what others had a hand in, which may have line feeds: only the first line begins at the edge, the others behind `margin`. On a
   * terminal this is so of lines that are too long for it as well, and none goes on by itself: else whoever guesses its width could have one
   * begin like a line of somebody else's, or of ours.
   */
  tell(lines: string | readonly string[], record: unknown, margin: string): void
  /** A remark for people on stderr, so that it stays out of pipes. */
  readonly remark: (line: string) => void
}

/** Output in the form the user asked for. */
export function createOutput(
  surroundings: Pick<Surroundings, 'stdout' | 'stderr' | 'env'>,
  json: boolean
): Output {
  const { stdout, stderr, env } = surroundings
  const print: Output['print'] = (lines, record, margin) => {
    const text = typeof lines === 'string' ? lines : lines.join('\n')
    const shown = json ? JSON.stringify(record) : sentences(text, stdout, margin)
    if (shown !== '') stdout.write(`${shown}\n`)
  }
  return {
    json,
    paint: paintFor(stdout, env),
    print,
    tell(lines, record, margin) {
      const all = typeof lines === 'string' ? [lines] : lines
      if (json || stdout.isTTY !== true) {
        print(
          all.map((line) => line.replaceAll('\n', `\n${margin}`)),
          record
        )
        return
      }
      const shown = all.flatMap((line) => hang(line, stdout.columns ?? 80, margin)).join('\n')
      // Terminals do not agree how wide some characters are.
      const [cut, wrap] = env['TERM'] === 'dumb' ? ['', ''] : [CUT_LONG_LINES, WRAP_LONG_LINES]
      stdout.write(`${cut}${shown}${wrap}\n`)
    },
    remark(line) {
      if (!json) stderr.write(`${sentences(line, stderr)}\n`)
    }
  }
}

/** Say what went wrong on stderr, one sentence or one object, and return the exit code. */
export function reportError(
  error: unknown,
  json: boolean,
  { stderr, env }: Pick<Surroundings, 'stderr' | 'env'>
): number {
  const { code, exitCode } = classify(error)
  const message = error instanceof Error ? error.message : String(error)
  if (json) {
    stderr.write(`${JSON.stringify({ error: { code, message } })}\n`)
    return exitCode
  }
  stderr.write(`${sentences(`hallig: ${sanitiseText(message)}`, stderr)}\n`)
  const wantsTrace = (env['HALLIG_DEBUG'] ?? '') !== ''
  if (wantsTrace && error instanceof Error) stderr.write(`${error.stack ?? ''}\n${causeText(error.cause)}`)
  return exitCode
}

/** On a terminal broken between words, as a sentence is hard to read that is broken within them. */
function sentences(text: string, { isTTY, columns = 80 }: Sink, margin = '  '): string {
  return isTTY === true ? hangSentences(text, columns, margin).join('\n') : text
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? `caused by ${cause.stack ?? cause.message}\n` : ''
}

import type { Colour, Paint } from './paint.js'

/** Columns of the narrowest terminal in use. */
const WIDTH = 80
const TIME_WIDTH = 8
const WHO_WIDTH = 10
const INDENT = TIME_WIDTH + WHO_WIDTH
/** How far tables and what is said below them stand from the edge. */
const TABLE_INDENT = 2

const COLOURS: Readonly<Record<string, Colour>> = {
  Alice: 'cyan',
  Bob: 'magenta',
  Carol: 'green',
  Dora: 'blue',
  Observer: 'yellow',
  Stick: 'yellow'
}

/** Prints what happens when it happens: seconds since the start, who, what. */
export class Timeline {
  readonly #print: (line: string) => void
  readonly #paint: Paint
  readonly #elapsed: () => number

  /** `elapsed` tells the ms since the start. */
  constructor(print: (line: string) => void, paint: Paint, elapsed: () => number) {
    this.#print = print
    this.#paint = paint
    this.#elapsed = elapsed
  }

  entry(who: string, what: string): void {
    const [first = '', ...more] = wrap(what, WIDTH - INDENT)
    const time = `${(this.#elapsed() / 1000).toFixed(2)}s  `.padStart(TIME_WIDTH)
    const colour = COLOURS[who] ?? 'bold'
    this.#print(this.#paint('dim', time) + this.#paint(colour, who.padEnd(WHO_WIDTH)) + first)
    for (const line of more) this.#print(' '.repeat(INDENT) + line)
  }

  heading(text: string): void {
    this.#print('')
    this.#print(this.#paint('bold', text))
  }

  /** Text across the whole width. */
  text(text: string): void {
    for (const line of wrap(text, WIDTH)) this.#print(line)
  }

  /** Lines that must stay as they are. */
  lines(lines: readonly string[]): void {
    for (const line of lines) this.#print(line)
  }

  /** What the words of a table mean, below it. */
  note(text: string): void {
    this.#print('')
    for (const line of wrap(text, WIDTH - TABLE_INDENT)) this.#print(' '.repeat(TABLE_INDENT) + line)
  }

  verdict(isGood: boolean, text: string): void {
    this.#print('')
    for (const line of wrap(text, WIDTH)) this.#print(this.#paint(isGood ? 'green' : 'red', line))
  }
}

/** Lines of at most `width` characters, broken between words where there is a space. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width))
}

function wrapLine(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line === '') line = word
    else if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
    while (line.length > width) {
      lines.push(line.slice(0, width))
      line = line.slice(width)
    }
  }
  return [...lines, line]
}

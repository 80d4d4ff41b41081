import type { Sink } from '../surroundings.js'

/** Styles by what they mean. Each takes a whole piece of text and resets after it. */
export interface Paint {
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
  readonly own: (text: string) => string
  readonly theirs: (text: string) => string
  readonly good: (text: string) => string
  readonly warning: (text: string) => string
  readonly seen: (text: string) => string
  /** Whether styles show at all: if not, words have to carry what colour would. */
  readonly colours: boolean
}

const sgr = (on: string, off: string) => (text: string) =>
  text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`
const same = (text: string): string => text

export const COLOURS: Paint = {
  strong: sgr('1', '22'),
  faint: sgr('2', '22'),
  own: sgr('36', '39'),
  theirs: sgr('35', '39'),
  good: sgr('32', '39'),
  warning: sgr('33', '39'),
  seen: sgr('94', '39'),
  colours: true
}

export const PLAIN: Paint = {
  strong: same,
  faint: same,
  own: same,
  theirs: same,
  good: same,
  warning: same,
  seen: same,
  colours: false
}

/** Colours on a terminal that has them, unless the user set `NO_COLOR` (https://no-color.org). */
export function paintFor(
  sink: Pick<Sink, 'isTTY'>,
  env: Readonly<Record<string, string | undefined>>
): Paint {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return sink.isTTY === true && !refused ? COLOURS : PLAIN
}

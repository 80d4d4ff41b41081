import type { Paint } from '../terminal/paint.js'
import { wrap } from '../terminal/wrap.js'

/** What one look at this machine came to. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly what: string
  /** `warning`: Hallig works, but somebody should know. `failure`: it does not, until this is mended. */
  readonly state: 'ok' | 'warning' | 'failure'
  /** What was seen and, where something is wrong, what to do; for people who do not know the inside. */
  readonly sentence: string
}

const SIGNS = { ok: 'ok', warning: 'look', failure: 'BAD' } as const
const SIGN_WIDTH = 6
const WHAT_WIDTH = 11
/** A sentence gets so many columns even on a screen that has fewer. */
const MIN_SENTENCE = 20

/** A finding for people: one line, or as many as a screen of `columns` needs, each under the sentence's start. */
export function findingLines({ what, state, sentence }: Finding, paint: Paint, columns: number): string[] {
  const style = { ok: paint.good, warning: paint.warning, failure: paint.warning }[state]
  const sign = SIGNS[state]
  const start = `${style(sign)}${' '.repeat(SIGN_WIDTH - sign.length)}${what.padEnd(WHAT_WIDTH)}`
  const margin = SIGN_WIDTH + WHAT_WIDTH
  const lines = wrap(sentence, Math.max(MIN_SENTENCE, columns - margin))
  return lines.map((line, index) => (index === 0 ? start : ' '.repeat(margin)) + line)
}

/** What it all comes to, in a sentence. */
export function verdict(findings: readonly Finding[]): string {
  const has = (wanted: Finding['state']): boolean => findings.some(({ state }) => state === wanted)
  if (has('failure')) return 'Something has to be mended before Hallig works here: see BAD above'
  if (has('warning')) return 'Hallig works here. What is marked `look` is worth knowing.'
  return 'Everything Hallig needs works here.'
}

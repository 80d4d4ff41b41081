import type { Paint } from '../terminal/paint.js'

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

/** A finding as a line for people. */
export function findingLine({ what, state, sentence }: Finding, paint: Paint): string {
  const style = { ok: paint.good, warning: paint.warning, failure: paint.warning }[state]
  const sign = SIGNS[state]
  return `${style(sign)}${' '.repeat(SIGN_WIDTH - sign.length)}${what.padEnd(WHAT_WIDTH)}${sentence}`
}

/** What it all comes to, in a sentence. */
export function verdict(findings: readonly Finding[]): string {
  const has = (wanted: Finding['state']): boolean => findings.some(({ state }) => state === wanted)
  if (has('failure')) return 'Something has to be mended before Hallig works here: see BAD above'
  if (has('warning')) return 'Hallig works here. What is marked `look` is worth knowing.'
  return 'Everything Hallig needs works here.'
}

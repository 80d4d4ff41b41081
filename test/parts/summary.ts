import { stripVTControlCharacters } from 'node:util'

/** What mocha counts at the end of a run, in its order. */
const COUNTS = ['passing', 'pending', 'failing'] as const
const COUNT = /^ {2}(\d+) (passing|pending|failing)( \(.*\))?$/

/** What mocha says at the end of a run: how many tests, and what became of those that failed. */
export interface Summary {
  readonly counts: ReadonlyMap<string, number>
  readonly rest: readonly string[]
}

/** Whether a line is the first of mocha's summary. */
export function beginsSummary(line: string): boolean {
  return COUNT.exec(stripVTControlCharacters(line))?.[2] === 'passing'
}

/** Read a summary from its first line on. */
export function readSummary(lines: readonly string[]): Summary {
  const counts = new Map<string, number>()
  const rest: string[] = []
  for (const line of lines) {
    const [, count, what] = COUNT.exec(stripVTControlCharacters(line)) ?? []
    if (what !== undefined && !counts.has(what)) counts.set(what, Number(count))
    else rest.push(line)
  }
  return { counts, rest }
}

/** One summary of several runs that took so many seconds together, as mocha would say it of one. */
export function sumUp(summaries: readonly Summary[], seconds: number): string {
  const totals = COUNTS.map((what) => {
    const total = summaries.reduce((sum, { counts }) => sum + (counts.get(what) ?? 0), 0)
    if (what === 'passing') return `  ${String(total)} passing (${String(Math.round(seconds))}s)`
    return total === 0 ? '' : `  ${String(total)} ${what}`
  })
  const rest = summaries.flatMap((summary) => summary.rest)
  const text = rest.join('\n').trim() === '' ? '' : `\n${rest.join('\n')}`
  return `\n${totals.filter((line) => line !== '').join('\n')}\n${text}`
}

import { describeMachine, describeVersions, type Machine } from './machine.js'
import type { Question, Unit } from './question.js'
import { summarise, type Summary } from './summary.js'

/** What a run found, as `--json` writes it. */
export interface Report {
  readonly benchmark: string
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly results: Readonly<Record<string, Summary>>
}

/** Measure what a question asks. */
export async function answer(
  question: Question,
  rounds: number,
  say: (line: string) => void
): Promise<Report> {
  const samples = new Map<string, { readonly unit: Unit; readonly values: number[] }>()
  await question.run({
    rounds,
    say,
    record: (name, unit, value) => {
      const known = samples.get(name) ?? { unit, values: [] }
      samples.set(name, known)
      known.values.push(value)
    }
  })
  return {
    benchmark: question.name,
    machine: describeMachine(),
    versions: describeVersions(question.packages),
    results: Object.fromEntries(
      [...samples].map(([name, { unit, values }]) => [name, summarise(unit, values)])
    )
  }
}

/** A report as lines for people: what it ran on, the table, and whether the targets are met. */
export function describe(question: Question, { machine, versions, results }: Report): string[] {
  const rows = Object.entries(results).map(([name, { unit, median, min, max }]) =>
    [name.padEnd(28), cell(median), cell(min), cell(max), ` ${unit}`].join('')
  )
  return [
    `machine   ${machine.cpu}, ${String(machine.cores)} cores, ${machine.memory}, ${machine.system}, stores on ${machine.disk}`,
    `versions  ${Object.entries(versions)
      .map((pair) => pair.join(' '))
      .join(', ')}`,
    '',
    ['result'.padEnd(28), ...['median', 'min', 'max'].map((text) => text.padStart(10)), ' unit'].join(''),
    ...rows,
    '',
    ...question.targets.map(({ text, met }) => `${verdict(met, results)}  ${text}`)
  ]
}

function cell(value: number): string {
  return String(value).padStart(10)
}

function verdict(met: Question['targets'][number]['met'], results: Report['results']): string {
  const missing: string[] = []
  const isMet = met((name) => {
    const median = results[name]?.median
    if (median === undefined) missing.push(name)
    return median ?? NaN
  })
  if (missing.length > 0) return 'not measured'
  return isMet ? 'met         ' : 'NOT MET     '
}

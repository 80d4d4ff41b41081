import { parseArgs } from 'node:util'
import { hex } from '../support/vectors.js'
import { keepInCorpus, readCorpus } from './corpus.js'
import { FuzzFailure, replay, runTarget, type FuzzReport } from './run-target.js'
import type { FuzzTarget } from './target.js'
import { createTargets, divide } from './targets.js'

const DEFAULT_INPUTS = 1_000_000

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: String(DEFAULT_INPUTS) },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true },
    /** One input in hexadecimal digits, for the one target named. */
    replay: { type: 'string' },
    /** Add what had an outcome of its own to the corpus. */
    keep: { type: 'boolean', default: false }
  }
})

function chosen(all: readonly FuzzTarget[]): readonly FuzzTarget[] {
  const names = values.target
  if (names === undefined) return all
  const unknown = names.filter((name) => !all.some((target) => target.name === name))
  if (unknown.length > 0) {
    throw new Error(`No target ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`)
  }
  return all.filter(({ name }) => names.includes(name))
}

function show(report: FuzzReport): void {
  const rate = Math.round((report.inputs * 1_000) / Math.max(1, report.milliseconds))
  const outcomes = [...report.outcomes].sort(([, one], [, other]) => other - one)
  console.log(
    `${report.target}: seed ${report.seed}, ${report.inputs} inputs, ${rate}/s, ${outcomes.length} outcomes, ${report.finds.length} new`
  )
  for (const [outcome, count] of outcomes) console.log(`    ${String(count).padStart(9)}  ${outcome}`)
}

async function main(): Promise<void> {
  const targets = chosen(await createTargets())
  if (values.replay !== undefined) {
    const [target, ...others] = targets
    if (target === undefined || others.length > 0) throw new Error('Name the one --target to --replay')
    console.log(`${target.name}: ${await replay(target, hex(values.replay))}`)
    return
  }
  let inputs = 0
  for (const [target, share] of divide(targets, Number(values.inputs))) {
    const report = await runTarget(target, readCorpus(target.name), share, Number(values.seed))
    inputs += report.inputs
    show(report)
    if (values.keep) keepInCorpus(target.name, [...target.samples, ...report.finds])
  }
  console.log(`${targets.length} targets, ${inputs} inputs, no promise broken`)
}

main().catch((error: unknown) => {
  console.error(error instanceof FuzzFailure ? error.message : error)
  if (error instanceof FuzzFailure) console.error(error.cause)
  process.exitCode = 1
})

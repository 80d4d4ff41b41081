// Runs mocha with the arguments given, in three processes at once: tests that mostly wait beside those that compute. What comes out is as of one run.
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beginsSummary, readSummary, sumUp, type Summary } from './summary.js'

/** Folders of tests that follow each other in one process, which mostly wait in the first two: for other processes, links and timers. The rest is the last. */
const NAMED = [
  ['interop'],
  ['architecture', 'cli', 'examples', 'network', 'package', 'storage'],
  ['messenger', 'simulator'],
  ['scenario', 'spin']
]
/** Processes at once: with more, links and timers would be late where there are two cores. */
const AT_ONCE = 3
const MOCHA = fileURLToPath(import.meta.resolve('mocha/bin/mocha.js'))

interface Part {
  readonly child: ChildProcess
  /** Resolves with what mocha said at the end, after all of it. */
  readonly summary: Promise<Summary>
  readonly code: Promise<number>
  /** Show what was said and what will be, but for the summary. */
  show(): void
}

/** Run the tests in these folders and files. */
function start(names: readonly string[]): Part {
  const ignored = all
    .filter((name) => !names.includes(name))
    .flatMap((name) => ['--ignore', `dist/test/${name}${name.includes('.') ? '' : '/**'}`])
  const colour = process.stdout.isTTY ? ['--color'] : []
  const args = [MOCHA, ...ignored, ...colour, ...process.argv.slice(2)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [held, summed]: [string[], string[]] = [[], []]
  let isShown = false
  const hear = (line: string): void => {
    if (summed.length > 0 || beginsSummary(line)) summed.push(line)
    else if (isShown) process.stdout.write(`${line}\n`)
    else held.push(line)
  }
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', hear)
  const code = new Promise<number>((resolve) => {
    child.once('close', (ended) => {
      startNext()
      resolve(ended ?? 1)
    })
  })
  return {
    child,
    code,
    summary: code.then(() => readSummary(summed)),
    show() {
      isShown = true
      for (const line of held.splice(0)) process.stdout.write(`${line}\n`)
    }
  }
}

const all = readdirSync('dist/test').filter((name) => !name.includes('.') || name.endsWith('.spec.js'))
const rest = all.filter((name) => !NAMED.flat().includes(name))
const began = performance.now()
/** Those that are not begun: the next begins when one ends. */
const later = [...NAMED, rest]
const parts: Part[] = []

function startNext(): void {
  const names = later.shift()
  if (names !== undefined) parts.push(start(names))
}

for (let n = 0; n < AT_ONCE; n += 1) startNext()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    later.length = 0
    for (const { child } of parts) child.kill(signal)
  })

const summaries: Summary[] = []
for (const part of parts) {
  part.show()
  summaries.push(await part.summary)
}
process.stdout.write(`${sumUp(summaries, (performance.now() - began) / 1_000)}\n`)
for (const { code } of parts) process.exitCode = Math.max(Number(process.exitCode ?? 0), await code)

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import Mocha from 'mocha'

/**
 * A process that runs specs over files with mutants inside: once with all asleep, noting which test reaches which mutant; then with one awake at
 * a time, those tests alone, until one fails.
 */

/** What the parent asks for: to load these specs, and then one mutant after the other. */
export interface Request {
  readonly id: number
  /** Full titles of the tests to run; all of them if there are none. */
  readonly tests?: readonly string[]
}

export interface Result {
  readonly id: number
  /** Title of the test that noticed. */
  readonly killedBy?: string
}

export interface Coverage {
  /** Mutants by the full title of the test that reaches them, and how long it took, ms. */
  readonly reached: readonly (readonly [title: string, ms: number, ids: readonly number[]])[]
  readonly failures: readonly string[]
}

let awake = 0
let reached = new Set<number>()
let isNoting = true

Object.assign(globalThis, {
  mutantIsAwake(id: number): boolean {
    if (isNoting) reached.add(id)
    return id === awake
  }
})

// One failure is enough, and the same histories for every mutant.
fc.configureGlobal({ endOnFailure: true, seed: 1 })

const specs = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as string[]
const mocha = new Mocha({ timeout: 60_000, reporter: Mocha.reporters.Base })
for (const spec of specs) mocha.addFile(spec)
await mocha.loadFilesAsync()
mocha.cleanReferencesAfterRun(false)

const suites: { readonly suite: Mocha.Suite; readonly tests: readonly Mocha.Test[] }[] = []
collect(mocha.suite)

function collect(suite: Mocha.Suite): void {
  suites.push({ suite, tests: [...suite.tests] })
  for (const child of suite.suites) collect(child)
}

/** Run these tests, or all; resolves with the title and message of each that failed. */
async function run(
  tests: ReadonlySet<string> | undefined,
  onTest: (title: string, ms: number) => void = () => undefined
): Promise<string[]> {
  for (const one of suites) {
    one.suite.tests = one.tests.filter((test) => tests === undefined || tests.has(test.fullTitle()))
  }
  return await new Promise((resolve) => {
    const failures: string[] = []
    mocha
      .bail(tests !== undefined)
      .run(() => resolve(failures))
      .on('test end', (test: Mocha.Test) => onTest(test.fullTitle(), test.duration ?? 0))
      .on('fail', (test: Mocha.Runnable, error: Error) =>
        failures.push(`${test.fullTitle()}: ${error.message.split('\n')[0] ?? ''}`)
      )
  })
}

async function note(): Promise<Coverage> {
  const found: [string, number, number[]][] = []
  const failures = await run(undefined, (title, ms) => {
    found.push([title, ms, [...reached]])
    reached = new Set()
  })
  isNoting = false
  return { reached: found, failures }
}

async function tryMutant({ id, tests }: Request): Promise<Result> {
  awake = id
  isNoting = false
  const [failure] = await run(tests === undefined ? undefined : new Set(tests))
  awake = 0
  return failure === undefined ? { id } : { id, killedBy: failure }
}

process.on('message', (request: Request | 'note') => {
  void (request === 'note' ? note() : tryMutant(request)).then((answer) => process.send?.(answer))
})
process.send?.('ready')

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
  /** Full titles of the tests to run. */
  readonly tests: readonly string[]
}

export interface Result {
  readonly id: number
  /** Title of the test that noticed. */
  readonly killedBy?: string
}

export interface Coverage {
  /** The tests by their full titles: the file each is in, how long it took, ms, and the mutants it reaches. */
  readonly tests: readonly {
    readonly title: string
    readonly file: string
    readonly ms: number
    readonly ids: readonly number[]
  }[]
  readonly failures: readonly string[]
}

/** For a second look a mutant is awake before a spec is loaded. */
const [specsFile = '', first = '0'] = process.argv.slice(2)
let awake = Number(first)
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

const specs = JSON.parse(readFileSync(specsFile, 'utf8')) as string[]
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
  onTest: (test: Mocha.Test) => void = () => undefined
): Promise<string[]> {
  for (const one of suites) {
    one.suite.tests = one.tests.filter((test) => tests === undefined || tests.has(test.fullTitle()))
  }
  return await new Promise((resolve) => {
    const failures: string[] = []
    mocha
      .bail(tests !== undefined)
      .run(() => resolve(failures))
      .on('test end', onTest)
      .on('fail', (test: Mocha.Runnable, error: Error) =>
        failures.push(`${test.fullTitle()}: ${error.message.split('\n')[0] ?? ''}`)
      )
  })
}

async function note(): Promise<Coverage> {
  const tests: Coverage['tests'][number][] = []
  const failures = await run(undefined, (test) => {
    tests.push({
      title: test.fullTitle(),
      file: test.file ?? '',
      ms: test.duration ?? 0,
      ids: [...reached]
    })
    reached = new Set()
  })
  isNoting = false
  return { tests, failures }
}

async function tryMutant({ id, tests }: Request): Promise<Result> {
  awake = id
  isNoting = false
  const [failure] = await run(new Set(tests))
  awake = 0
  return failure === undefined ? { id } : { id, killedBy: failure }
}

process.on('message', (request: Request | 'note') => {
  void (request === 'note' ? note() : tryMutant(request)).then((answer) => process.send?.(answer))
})
process.send?.('ready')

import { fork, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { hasLogic } from '../support/package-logic.js'
import { isGenerated, packageRoot, readSources } from '../support/package-sources.js'
import { mutate, type Mutant } from './mutants.js'
import type { Coverage, Request, Result } from './worker.js'

/**
 * Mutation test of the protocol: every guard, comparison, bound and wipe is changed, one at a time, and the specs run until one notices.
 * Arguments are beginnings of source paths; by default the protocol and what the messenger admits, receives, seals and queues.
 */
const DEFAULT = [
  'src/protocol/',
  ...['receive/admit', 'receive/receive', 'receive/receive-hello', 'send/seal', 'send/enqueue'].map(
    (name) => `src/messenger/${name}.ts`
  )
]
/** A mutant that takes so many times as long as its tests did, and so many ms more, runs for ever: that is noticed. */
const PATIENCE = 5
const LEAST_PATIENCE_MS = 30_000
/** Tests quicker than this come first: most mutants do not live to see the others. */
const QUICK_MS = 50
const COVERAGE_MS = 900_000

/** What else proves the protocol: the models, and the outbox, which alone decides when something is due. */
const BEYOND = ['test/models/models.spec.ts', 'test/messenger/send/outbox.spec.ts']

interface Accepted {
  readonly path: string
  readonly within: string
  readonly before: string
  readonly after: string
  readonly reason: string
}

const prefixes = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT
const accepted = JSON.parse(readFileSync('test/mutation/accepted.json', 'utf8')) as Accepted[]
const sandbox = mkdtempSync(join(tmpdir(), 'hallig-mutation-'))
process.on('exit', () => rmSync(sandbox, { recursive: true, force: true }))

const mutants = prepareSandbox()
const specs = specsOf(mutants)
writeFileSync(join(sandbox, 'specs.json'), JSON.stringify(specs))
say(`${String(mutants.length)} mutants, ${String(specs.length)} spec files`)

/** A copy of the compiled package in which the chosen files carry their mutants. */
function prepareSandbox(): Mutant[] {
  for (const name of readdirSync(packageRoot)) {
    if (name === 'dist' || name === '.git') continue
    if (name === 'package.json') cpSync(join(packageRoot, name), join(sandbox, name))
    else symlinkSync(join(packageRoot, name), join(sandbox, name))
  }
  mkdirSync(join(sandbox, 'dist'))
  for (const part of ['src', 'test', 'examples', 'benchmarks'])
    cpSync(join(packageRoot, 'dist', part), join(sandbox, 'dist', part), { recursive: true })
  const all: Mutant[] = []
  for (const source of readSources('src')) {
    if (isGenerated(source) || !hasLogic(source)) continue
    if (!prefixes.some((prefix) => source.path.startsWith(prefix))) continue
    const { mutants: own, script } = mutate(source, all.length + 1)
    all.push(...own)
    writeFileSync(join(sandbox, 'dist', source.path.replace(/\.ts$/, '.js')), script)
  }
  return all
}

/** The specs that mirror the layers of the mutants; the scenarios are far too slow to run them for each. */
function specsOf(all: readonly Mutant[]): string[] {
  const layers = new Set(all.map(({ path }) => path.split('/')[1] ?? ''))
  const mirrored = [...layers].flatMap((layer) => readSources(`test/${layer}`)).map(({ path }) => path)
  return [...new Set([...mirrored, ...BEYOND])]
    .filter((path) => path.endsWith('.spec.ts') && !/\.(slow|soak)\.spec\.ts$/.test(path))
    .map((path) => join(sandbox, 'dist', path.replace(/\.ts$/, '.js')))
}

class Worker {
  #process: ChildProcess | undefined
  readonly #first: number

  /** `first`: a mutant that is awake already while specs are loaded. */
  constructor(first = 0) {
    this.#first = first
  }

  async ask<Answer>(request: Request | 'note', patience: number): Promise<Answer | undefined> {
    const child = this.#process ?? (await this.#start())
    if (child === undefined) return undefined
    return await new Promise((resolve) => {
      const timer = setTimeout(() => end(undefined), patience)
      const end = (answer: Answer | undefined): void => {
        clearTimeout(timer)
        child.removeAllListeners()
        if (answer === undefined) this.stop()
        resolve(answer)
      }
      child.once('message', (answer) => end(answer as Answer))
      child.once('exit', () => end(undefined))
      child.send(request)
    })
  }

  stop(): void {
    this.#process?.removeAllListeners()
    this.#process?.kill('SIGKILL')
    this.#process = undefined
  }

  async #start(): Promise<ChildProcess | undefined> {
    const args = [join(sandbox, 'specs.json'), String(this.#first)]
    const child = fork(join(sandbox, 'dist/test/mutation/worker.js'), args, {
      cwd: sandbox,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    })
    this.#process = child
    const isLoaded = await new Promise((resolve) => {
      child.once('message', () => resolve(true))
      child.once('exit', () => resolve(false))
    })
    child.removeAllListeners()
    if (isLoaded === true) return child
    if (this.#first === 0) throw new Error('The specs cannot be loaded')
    // With this mutant awake they cannot: it is noticed.
    this.#process = undefined
    return undefined
  }
}

async function hunt(): Promise<Mutant[]> {
  const worker = new Worker()
  const coverage = await worker.ask<Coverage>('note', COVERAGE_MS)
  if (coverage === undefined) throw new Error('The specs did not end')
  if (coverage.failures.length > 0)
    throw new Error(`The specs fail without a mutant: ${coverage.failures.join('; ')}`)
  const testsOf = new Map<number, string[]>()
  const durations = new Map<string, number>()
  for (const { title, ms, ids } of coverage.tests) {
    durations.set(title, ms)
    for (const id of ids) testsOf.set(id, [...(testsOf.get(id) ?? []), title])
  }
  const alive: Mutant[] = []
  for (const mutant of mutants) {
    const tests = testsOf.get(mutant.id)
    const result = await tryInTurn(mutant, tests ?? [], durations, worker)
    if (result === undefined) say(`  for ever  ${describe(mutant)}`)
    else if (result.killedBy === undefined) {
      alive.push(mutant)
      say(`  survives  ${describe(mutant)}${tests === undefined ? ' (no test gets there)' : ''}`)
    }
    if (mutant.id % 100 === 0)
      say(`${String(mutant.id)} of ${String(mutants.length)}: ${String(alive.length)} survive`)
  }
  worker.stop()
  return await secondLook(alive, (mutant) => {
    const mirror = mutant.path.replace(/^src/, 'test').replace(/\.ts$/, '.spec.js')
    const own = coverage.tests.filter(({ file }) => file.endsWith(mirror)).map(({ title }) => title)
    return [...new Set([...own, ...(testsOf.get(mutant.id) ?? [])])]
  })
}

/** The quick tests first. Resolves with nothing if one runs for ever. */
async function tryInTurn(
  { id }: Mutant,
  tests: readonly string[],
  durations: ReadonlyMap<string, number>,
  worker: Worker
): Promise<Result | undefined> {
  const usual = (title: string): number => durations.get(title) ?? 0
  const quick = tests.filter((title) => usual(title) < QUICK_MS)
  const slow = tests.filter((title) => usual(title) >= QUICK_MS)
  for (const batch of [quick, slow].filter(({ length }) => length > 0)) {
    const patience = LEAST_PATIENCE_MS + PATIENCE * batch.reduce((sum, title) => sum + usual(title), 0)
    const result = await worker.ask<Result>({ id, tests: batch }, patience)
    if (result === undefined || result.killedBy !== undefined) return result
  }
  return { id }
}

/**
 * What survives may owe it to a value that a spec computed before: once more, awake from the beginning, in a fresh process, with what reaches it and
 * all of the spec that mirrors its file.
 */
async function secondLook(
  alive: readonly Mutant[],
  testsFor: (mutant: Mutant) => readonly string[]
): Promise<Mutant[]> {
  const survivors: Mutant[] = []
  for (const mutant of alive) {
    if (isAccepted(mutant)) {
      survivors.push(mutant)
      continue
    }
    const worker = new Worker(mutant.id)
    const result = await worker.ask<Result>({ id: mutant.id, tests: testsFor(mutant) }, COVERAGE_MS)
    worker.stop()
    if (result !== undefined && result.killedBy === undefined) survivors.push(mutant)
  }
  return survivors
}

function isAccepted({ path, within, before, after }: Mutant): boolean {
  return accepted.some(
    (one) => one.path === path && one.within === within && one.before === before && one.after === after
  )
}

function describe({ path, line, within, before, after }: Mutant): string {
  return `${path}:${String(line)} ${within}: ${before}  →  ${after}`
}

function report(survivors: readonly Mutant[]): void {
  const byFile = new Map<string, [killed: number, all: number]>()
  for (const mutant of mutants) {
    const name = `${basename(dirname(mutant.path))}/${basename(mutant.path)}`
    const [killed, all] = byFile.get(name) ?? [0, 0]
    byFile.set(name, [killed + (survivors.includes(mutant) ? 0 : 1), all + 1])
  }
  for (const [name, [killed, all]] of byFile) say(`${name}: ${String(killed)} of ${String(all)}`)
  const unexplained = survivors.filter((mutant) => !isAccepted(mutant))
  const killed = mutants.length - survivors.length
  const share = (100 * killed) / Math.max(1, mutants.length)
  say(`killed ${String(killed)} of ${String(mutants.length)}, ${share.toFixed(1)} %`)
  say(
    `survived ${String(survivors.length)}: ${String(survivors.length - unexplained.length)} with a reason in test/mutation/accepted.json, ${String(unexplained.length)} without`
  )
  for (const mutant of unexplained) say(describe(mutant))
  process.exitCode = unexplained.length === 0 ? 0 : 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

report(await hunt())

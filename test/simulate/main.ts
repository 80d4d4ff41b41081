import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  simulate,
  type Movement,
  type SimulationOptions,
  type SimulationReport
} from '../../src/simulator/index.js'
import { watchAead } from '../support/simulator-aead.js'

const USAGE = `npm run simulate -- (--seed N | --seeds A..B) [options]

  --seed N       one run; with --log everything that happens in it is printed
  --seeds A..B   all of these, in as many processes as --jobs says (default: one per core)
  --nodes N, --hours N, --days N, --messages N, --movement together|islands|waypoint|streets
                 instead of what the seed draws`

/** Seeds after which a process says how far it is. */
const PROGRESS = 50
const MOVEMENTS: readonly string[] = ['together', 'islands', 'waypoint', 'streets'] satisfies Movement[]
const NUMBERS = ['nodes', 'hours', 'days', 'messages', 'jobs'] as const

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    nodes: { type: 'string' },
    hours: { type: 'string' },
    days: { type: 'string' },
    messages: { type: 'string' },
    movement: { type: 'string' },
    jobs: { type: 'string' },
    log: { type: 'boolean', default: false },
    // Of a process that another one of these started: which part of the seeds is its own.
    part: { type: 'string' }
  }
})

/** What runs had in sum. */
interface Tally {
  seeds: number
  failed: number[]
  events: number
  messages: number
  delivered: number
  deaths: number
  seals: number
  /** The longest time a run took to heal, ms, and its seed. */
  healing: number
  slowest: number
  /** Processor time, ms. */
  cpu: number
}

const nothing = (): Tally => ({
  seeds: 0,
  failed: [],
  events: 0,
  messages: 0,
  delivered: 0,
  deaths: 0,
  seals: 0,
  healing: 0,
  slowest: 0,
  cpu: 0
})

function sum(one: Tally, other: Tally): Tally {
  const slower = one.healing >= other.healing ? one : other
  return {
    seeds: one.seeds + other.seeds,
    failed: [...one.failed, ...other.failed],
    events: one.events + other.events,
    messages: one.messages + other.messages,
    delivered: one.delivered + other.delivered,
    deaths: one.deaths + other.deaths,
    seals: one.seals + other.seals,
    healing: slower.healing,
    slowest: slower.slowest,
    cpu: one.cpu + other.cpu
  }
}

const number = (text: string | undefined): number => (text === undefined ? NaN : Number(text))

/** What is wrong with the command line, if anything is. */
function complaint(): string | undefined {
  if (!/^\d+(\.\.\d+)?$/.test(values.seeds ?? values.seed ?? '')) return 'Give --seed N or --seeds A..B'
  const wrong = NUMBERS.find((name) => values[name] !== undefined && !(number(values[name]) > 0))
  if (wrong !== undefined) return `--${wrong} takes a number above 0`
  if (values.movement !== undefined && !MOVEMENTS.includes(values.movement))
    return `There is no movement ${values.movement}`
  return undefined
}

function wanted(): Partial<Omit<SimulationOptions, 'seed'>> {
  const hours = number(
    values.hours ?? (values.days === undefined ? undefined : String(24 * number(values.days)))
  )
  const movement = (['together', 'islands', 'waypoint', 'streets'] as const).find(
    (name) => name === values.movement
  )
  return {
    ...(values.nodes === undefined ? {} : { nodes: number(values.nodes) }),
    ...(Number.isNaN(hours) ? {} : { hours }),
    ...(values.messages === undefined ? {} : { messages: number(values.messages) }),
    ...(movement === undefined ? {} : { movement })
  }
}

/** The command that runs this seed again as it was run here. */
function replay(seed: number): string {
  const options = ['nodes', 'hours', 'days', 'messages', 'movement'] as const
  const given = options.flatMap((name) => (values[name] === undefined ? [] : [`--${name} ${values[name]}`]))
  return ['npm run simulate -- --seed', String(seed), ...given].join(' ')
}

function tell({ plan, violations }: SimulationReport, repeated: number): void {
  console.log(`seed ${String(plan.seed)} FAILED: ${JSON.stringify(plan)}`)
  for (const { rule, at, what } of violations.slice(0, 20))
    console.log(`  ${rule} at ${new Date(at).toISOString()}: ${what}`)
  if (violations.length > 20) console.log(`  and ${String(violations.length - 20)} more`)
  if (repeated > 0) console.log(`  key-used-once: ${String(repeated)} pairs of key and nonce sealed twice`)
  console.log(`  ${replay(plan.seed)}`)
}

function verdict({ failed }: Tally): string {
  return failed.length === 0
    ? 'nothing was violated'
    : `${String(failed.length)} FAILED: ${failed.join(', ')}`
}

/** Run the seeds that are this process's, one after the other. */
async function runHere(first: number, last: number, step: number): Promise<Tally> {
  const aead = watchAead()
  // Every dial in vain makes an error; one seed alone shows where they come from.
  if (values.seed === undefined) Error.stackTraceLimit = 0
  let tally = nothing()
  for (let seed = first; seed <= last; seed += step) {
    const before = process.cpuUsage()
    const report = await simulate({ seed, ...wanted(), ...(values.log ? { onLine: console.log } : {}) })
    const { user, system } = process.cpuUsage(before)
    const { repeated, seals } = aead.take()
    const isFailed = report.violations.length > 0 || repeated > 0
    if (isFailed) tell(report, repeated)
    if (values.seed !== undefined) console.log(`${JSON.stringify(report.plan)}\nevent log ${report.hash}`)
    const { events, messages, delivered, deaths, healing } = report
    const failed = isFailed ? [seed] : []
    const cpu = (user + system) / 1_000
    tally = sum(tally, {
      seeds: 1,
      failed,
      events,
      messages,
      delivered,
      deaths,
      seals,
      healing,
      slowest: seed,
      cpu
    })
    if (tally.seeds % PROGRESS === 0)
      console.log(`${String(tally.seeds)} seeds so far, up to ${String(seed)}: ${verdict(tally)}`)
  }
  return tally
}

/** The same in processes of their own, each with its part of the seeds. */
async function runInParts(jobs: number): Promise<Tally> {
  const parts = Array.from({ length: jobs }, (_, part) => {
    const child = fork(fileURLToPath(import.meta.url), [
      ...process.argv.slice(2),
      '--part',
      `${String(part)}/${String(jobs)}`
    ])
    return new Promise<Tally>((resolve, reject) => {
      child.once('message', (tally) => resolve(tally as Tally))
      child.once('exit', (code) => {
        if (code !== 0) reject(new Error(`A part of the runs ended with ${String(code)}`))
      })
    })
  })
  return (await Promise.all(parts)).reduce(sum)
}

async function main(): Promise<void> {
  const [first = NaN, last = first] = (values.seeds ?? values.seed ?? '').split('..').map(Number)
  process.on('unhandledRejection', (error) => {
    // Whoever leaves a rejection unhandled fails the run, and nothing after it can be trusted.
    console.error('unhandled rejection', error)
    process.exit(1)
  })
  if (values.part !== undefined) {
    const [part = 0, parts = 1] = values.part.split('/').map(Number)
    process.send?.(await runHere(first + part, last, parts))
    process.disconnect()
    return
  }
  const began = performance.now()
  const jobs = Math.min(
    values.jobs === undefined ? availableParallelism() : number(values.jobs),
    last - first + 1
  )
  const tally = jobs > 1 ? await runInParts(jobs) : await runHere(first, last, 1)
  const { seeds, failed, events, messages, delivered, deaths, seals, healing, slowest, cpu } = tally
  const seconds = (performance.now() - began) / 1_000
  console.log(
    `${String(seeds)} seeds in ${seconds.toFixed(1)} s: ${String(events)} events (${Math.round(events / (cpu / 1_000)).toLocaleString('en')} per second of processor), ` +
      `${String(messages)} messages, ${String(delivered)} delivered, ${String(deaths)} deaths, ${String(seals)} seals, ` +
      `longest healing ${String(healing / 1_000)} s (seed ${String(slowest)})`
  )
  console.log(verdict(tally))
  if (failed.length > 0) process.exitCode = 1
}

const wrong = complaint()
if (wrong === undefined) await main()
else {
  console.error(`${wrong}\n\n${USAGE}`)
  process.exitCode = 2
}

/**
 * The demonstration: six people in six processes on two islands that cannot reach each other. Two of them talk, one writes a letter
 * across the water, half of them are killed, one walks over, a stick goes by boat; a seventh process looks on. Ends with code 0
 * if everything went as it should.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAddressIslands } from './address-islands.js'
import { createCableIslands } from './cable-islands.js'
import { killAll } from './child.js'
import { finishTalking, talkAndLoseBob } from './conversation.js'
import { carryStick, comeBack, joinIslands, loseHalf, walkOver, writeLetter } from './crossing.js'
import { askObserver, listSecrets, searchDisks } from './eavesdropping.js'
import { closeAll, compareStores } from './ending.js'
import { homeOf, type Islands } from './islands.js'
import { findEachOther, getAcquainted, observeBob } from './meeting.js'
import { ObserverProcess } from './observer-process.js'
import { createPaint } from './paint.js'
import { PersonProcess } from './person-process.js'
import { HELP, planOf, type Plan } from './plan.js'
import type { Stage } from './stage.js'
import { Timeline } from './timeline.js'

/** By these people end a program: then nothing may stay behind. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** What a shell adds to a signal's number when it tells how a program ended. */
const SIGNAL_CODE = 128
/** How often to look whether npm is still there, ms: it passes signals to its shell alone, which ends without a word. */
const LOOK_MS = 200

const paint = createPaint(process.stdout.isTTY, process.env)
const timeline = new Timeline(
  (line) => {
    console.log(line)
  },
  paint,
  () => performance.now()
)

async function play(stage: Stage): Promise<void> {
  const { directory, network, islands } = stage
  timeline.text(
    'Alice, Bob and Carol live on the island of Langeness, Dora, Emil and Frieda on Hooge. ' +
      `Each of them runs in a process of its own, with a store in ${directory}.`
  )
  timeline.text(`Their network is called ${network}, so that they meet nobody else.`)
  timeline.text(islands.account)
  await findEachOther(stage)
  await getAcquainted(stage)
  await talkAndLoseBob(stage)
  await writeLetter(stage)
  await loseHalf(stage)
  await walkOver(stage)
  await comeBack(stage)
  await observeBob(stage)
  await finishTalking(stage)
  await carryStick(stage)
  await joinIslands(stage)
  const secrets = await listSecrets(stage)
  await askObserver(stage, secrets)
  await closeAll(stage)
  await searchDisks(stage, secrets)
  await compareStores(stage)
}

function stageFor(plan: Plan, directory: string, network: string, islands: Islands): Stage {
  const person = (name: string): PersonProcess =>
    new PersonProcess(name, `${name} of ${homeOf(name)}`, directory, islands)
  return {
    plan,
    directory,
    network,
    timeline,
    islands,
    alice: person('Alice'),
    bob: person('Bob'),
    carol: person('Carol'),
    dora: person('Dora'),
    emil: person('Emil'),
    frieda: person('Frieda'),
    observer: new ObserverProcess(islands.strangerOn('Langeness')),
    outages: []
  }
}

/** Namespaces where they are wanted and can be had. */
function createIslands(plan: Plan, network: string): Islands {
  if (!plan.namespaces) return createAddressIslands(network, 'Network namespaces are not wanted')
  if (process.getuid?.() !== 0) return createAddressIslands(network, 'Network namespaces take root')
  try {
    return createCableIslands(network)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return createAddressIslands(network, `There are no network namespaces here (${reason})`)
  }
}

/** Rejects when somebody ends the program, or closes what it writes to; who insists does not keep it from tidying up. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    process.stdout.on('error', reject)
    if (process.env['npm_lifecycle_event'] !== undefined)
      onOrphaned(() => {
        reject(new Error('interrupted: npm has ended'))
      })
    for (const signal of ENDINGS) {
      process.on(signal, () => {
        process.exitCode = SIGNAL_CODE + constants.signals[signal]
        reject(new Error(`interrupted by ${signal}`))
      })
    }
  })
}

/** Calls once this process has got another parent. */
function onOrphaned(tell: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) tell()
  }, LOOK_MS)
  timer.unref()
}

async function demonstrate(plan: Plan): Promise<void> {
  const interrupted = interruption()
  const network = `demo-${randomBytes(6).toString('hex')}`
  const directory = await mkdtemp(join(tmpdir(), 'hallig-demo-'))
  let islands: Islands | undefined
  try {
    islands = createIslands(plan, network)
    await Promise.race([play(stageFor(plan, directory, network, islands)), interrupted])
    timeline.verdict(true, 'Every message was delivered exactly once and in order.')
  } catch (error) {
    process.exitCode ??= 1
    timeline.verdict(false, `Failed: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await killAll()
    islands?.remove()
    await rm(directory, { recursive: true, force: true })
  }
}

function start(): Plan | 'help' | undefined {
  try {
    return planOf(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

const plan = start()
if (plan === undefined) process.exitCode = 2
else if (plan === 'help') console.log(HELP)
else await demonstrate(plan)

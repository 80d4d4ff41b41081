/**
 * The demonstration: two people in two processes find each other, talk, lose one of the two and go on, while a third
 * process looks on. Ends with code 0 if everything went as it should.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAll } from './child.js'
import { bringBobBack, finishTalking, talkAndLoseBob } from './conversation.js'
import { askObserver, compareStores } from './ending.js'
import { findEachOther, getAcquainted } from './meeting.js'
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

const paint = createPaint(process.stdout.isTTY, process.env)
const timeline = new Timeline(
  (line) => {
    console.log(line)
  },
  paint,
  () => performance.now()
)

async function play(plan: Plan, directory: string): Promise<void> {
  const network = `demo-${randomBytes(6).toString('hex')}`
  const place = { directory, network, lan: plan.lan }
  const stage: Stage = {
    plan,
    network,
    timeline,
    alice: new PersonProcess('Alice', 'Alice of Langeness', place),
    bob: new PersonProcess('Bob', 'Bob of Hooge', place),
    observer: new ObserverProcess(),
    bootstrap: [],
    outages: []
  }
  timeline.text(`Alice and Bob run in processes of their own, with stores in ${directory}.`)
  timeline.text(`Their network is called ${network}, so that they meet nobody else.`)
  await findEachOther(stage)
  await getAcquainted(stage)
  await talkAndLoseBob(stage)
  const bobsReturn = await bringBobBack(stage)
  await finishTalking(stage)
  await askObserver(stage)
  await compareStores(stage, bobsReturn)
}

/** Rejects when somebody ends the program, or closes what it writes to. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    process.stdout.on('error', reject)
    for (const signal of ENDINGS) {
      process.once(signal, () => {
        process.exitCode = SIGNAL_CODE + constants.signals[signal]
        reject(new Error(`interrupted by ${signal}`))
      })
    }
  })
}

async function demonstrate(plan: Plan): Promise<void> {
  const interrupted = interruption()
  const directory = await mkdtemp(join(tmpdir(), 'hallig-demo-'))
  try {
    await Promise.race([play(plan, directory), interrupted])
    timeline.verdict(true, 'Every message was delivered exactly once and in order.')
  } catch (error) {
    process.exitCode ??= 1
    timeline.verdict(false, `Failed: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await killAll()
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

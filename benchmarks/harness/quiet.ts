import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** Share of the time in which the event loop may be busy when a process is quiet. */
const QUIET = 0.3
const LOOK = 1_000
/** Quiet looks in a row that are enough. */
const ENOUGH = 3

/** Wait until what was set up has come to rest, at most `patience` ms: the share of the time in which the event loop was busy at last. */
export async function untilQuiet(patience: number): Promise<number> {
  let quiet = 0
  let busy = 1
  for (let waited = 0; waited < patience && quiet < ENOUGH; waited += LOOK) {
    const before = performance.eventLoopUtilization()
    await sleep(LOOK)
    busy = performance.eventLoopUtilization(before).utilization
    quiet = busy < QUIET ? quiet + 1 : 0
  }
  return busy
}

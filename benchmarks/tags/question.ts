import type { Question, RunOptions } from '../harness/question.js'
import { withDirectory } from '../harness/temporary.js'
import { Worker } from '../harness/worker.js'

const SESSIONS = 10_000
const COURSES = ['alternating', 'grown'] as const

/** All names of one figure: of sessions that take turns, and of those that have heard a long run of messages. */
function worst(median: (name: string) => number, figure: string): number {
  return Math.max(...COURSES.map((course) => median(`${course}.${figure}`)))
}

export const tags: Question = {
  name: 'tags',
  asks: 'Ten thousand sessions: how long does it take to tell whose an envelope is, how large is the index, how soon is it there after a start?',
  rounds: 5,
  packages: ['classic-level'],
  needsPeers: false,
  targets: [
    { text: 'a known tag is found in less than 5 µs', met: (median) => worst(median, 'hit') < 5 },
    { text: 'an unknown tag is told in less than 5 µs', met: (median) => worst(median, 'miss') < 5 },
    { text: 'the index takes less than 40 MB', met: (median) => worst(median, 'memory') < 40 },
    {
      text: 'a store is opened, and the index complete, in less than 3 s',
      met: (median) => worst(median, 'complete') < 3000
    },
    {
      text: 'that never holds up the event loop for more than 50 ms',
      met: (median) => worst(median, 'blocked') <= 50
    }
  ],
  async run(options) {
    for (const course of COURSES) {
      await withDirectory(async (directory) => {
        await inProcess((worker) => worker.ask('fill', directory, SESSIONS, course))
        for (let round = 0; round < options.rounds; round++) await measure(directory, course, options)
      })
    }
  }
}

async function measure(directory: string, course: string, { record, say }: RunOptions): Promise<void> {
  const [hit = NaN, miss = NaN, memory = NaN] = await inProcess((worker) =>
    worker.numbers('lookUp', SESSIONS, course)
  )
  const [open = NaN, complete = NaN, processor = NaN, blocked = NaN] = await inProcess((worker) =>
    worker.numbers('open', directory)
  )
  record(`${course}.hit`, 'µs', hit)
  record(`${course}.miss`, 'µs', miss)
  record(`${course}.memory`, 'MB', memory)
  record(`${course}.open`, 'ms', open)
  record(`${course}.complete`, 'ms', complete)
  record(`${course}.processor`, 'ms', processor)
  record(`${course}.blocked`, 'ms', blocked)
  say(
    `${course}: found in ${hit.toFixed(2)} µs, told in ${miss.toFixed(2)} µs, ${memory.toFixed(1)} MB, opened in ${open.toFixed(0)} ms, complete after ${complete.toFixed(0)} ms`
  )
}

/** A process of its own each time: what one measurement leaves behind is no matter to the next. */
async function inProcess<Result>(ask: (worker: Worker) => Promise<Result>): Promise<Result> {
  const worker = new Worker(new URL('process.js', import.meta.url), { nodeOptions: ['--expose-gc'] })
  try {
    return await ask(worker)
  } finally {
    await worker.stop()
  }
}

import type { Question, RunOptions } from '../harness/question.js'
import { withDirectory } from '../harness/temporary.js'
import { Worker } from '../harness/worker.js'

const ENVELOPES = 100_000

export const mailbox: Question = {
  name: 'mailbox',
  asks: 'A hundred thousand envelopes of 512 bytes for others: how many a second are taken in and stored durably, what do they take of memory, how soon is a node there after a start? Beside it a database that takes the same bytes.',
  rounds: 3,
  packages: ['level', 'classic-level'],
  needsPeers: false,
  targets: [
    { text: 'with 100,000 envelopes a start takes less than 2 s', met: (median) => median('start') < 2000 }
  ],
  async run(options) {
    for (let round = 0; round < options.rounds; round++) {
      await withDirectory(async (directory) => {
        await measure(directory, options)
      })
    }
  }
}

async function measure(directory: string, { record, say }: RunOptions): Promise<void> {
  const [full, empty, plain] = ['full', 'empty', 'level'].map((name) => `${directory}/${name}`)
  if (full === undefined || empty === undefined || plain === undefined) return
  const seconds = await inProcess((worker) => worker.number('fill', full, ENVELOPES))
  const levelSeconds = await inProcess((worker) => worker.number('fillLevel', plain, ENVELOPES))
  await inProcess((worker) => worker.number('fill', empty, 0))
  const [, least = NaN] = await inProcess((worker) => worker.numbers('open', empty))
  const [start = NaN, memory = NaN, envelopes] = await inProcess((worker) => worker.numbers('open', full))
  if (envelopes !== ENVELOPES) throw new Error(`${String(envelopes)} envelopes are there after a start`)
  const levelStart = await inProcess((worker) => worker.number('readLevel', plain))
  const megabytes = (memory - least) / 1e6
  record('inserts', 'env/s', ENVELOPES / seconds)
  record('level.inserts', 'env/s', ENVELOPES / levelSeconds)
  record('memory', 'MB', megabytes)
  record('start', 'ms', start)
  record('level.read-all', 'ms', levelStart)
  say(
    `${(ENVELOPES / seconds).toFixed(0)} envelopes a second (a plain database ${(ENVELOPES / levelSeconds).toFixed(0)}), ${megabytes.toFixed(1)} MB, started in ${start.toFixed(0)} ms (the plain database read in ${levelStart.toFixed(0)} ms)`
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

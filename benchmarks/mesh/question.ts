import type { Question, RunOptions } from '../harness/question.js'
import { Worker } from '../harness/worker.js'

/** What is measured: nodes, how they are linked, and one message every so many ms. A node sees every message, some of them several times. */
const CROWDS = [
  { name: '20', shape: 'mesh', nodes: 20, interval: 200 },
  { name: '50', shape: 'mesh', nodes: 50, interval: 500 },
  { name: '200', shape: 'mesh', nodes: 200, interval: 2_000 },
  { name: 'star-60', shape: 'star', nodes: 61, interval: 500 }
] as const
/** Longest wait for an answer, ms: two hundred nodes take their time to start. */
const PATIENCE = 1_200_000
/** Messages of one measurement. */
const MESSAGES = 100

export const mesh: Question = {
  name: 'mesh',
  asks: 'Many whole nodes, each linked to a few: does every message reach the one it is for, how soon, and how many bytes cross all links?',
  // A crowd of two hundred takes minutes to start; a round has a hundred messages of each.
  rounds: 1,
  packages: ['libp2p', '@libp2p/gossipsub', '@libp2p/tcp'],
  needsPeers: false,
  targets: [
    ...CROWDS.map(({ name }) => ({
      text: `${name}: 100 % are delivered`,
      met: (median: (name: string) => number) => median(`${name}.delivery`) === 100
    })),
    { text: '200: the p99 is at most 3000 ms', met: (median) => median('200.latency-p99') <= 3000 }
  ],
  async run(options) {
    for (let round = 0; round < options.rounds; round++) {
      for (const crowd of CROWDS) await measure(crowd, options)
    }
  }
}

async function measure(
  { name, shape, nodes, interval }: (typeof CROWDS)[number],
  { record, say }: RunOptions
): Promise<void> {
  const worker = new Worker(new URL('process.js', import.meta.url), { patience: PATIENCE })
  try {
    await worker.ask('start', shape, nodes)
    await worker.ask('meet')
    const restless = await worker.number('settle')
    say(`${name}: linked and settled, busy ${restless.toFixed(0)} % of the time with nothing to do`)
    const [delivery = NaN, p50 = NaN, p99 = NaN, bytes = NaN, memory = NaN, busy = NaN] =
      await worker.numbers('pace', MESSAGES, interval)
    record(`${name}.delivery`, '%', delivery)
    record(`${name}.latency-p50`, 'ms', p50)
    record(`${name}.latency-p99`, 'ms', p99)
    record(`${name}.bytes-per-delivered-byte`, 'B/B', bytes)
    record(`${name}.memory`, 'MB', memory)
    record(`${name}.busy`, '%', busy)
    say(
      `${name}: ${delivery.toFixed(1)} %, p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms at ${String(1000 / interval)} messages a second, ${bytes.toFixed(0)} bytes a byte, busy ${busy.toFixed(0)} %`
    )
  } finally {
    await worker.stop()
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Question, RunOptions } from '../harness/question.js'
import { percentile } from '../harness/summary.js'
import { withDirectory } from '../harness/temporary.js'
import { Worker } from '../harness/worker.js'

interface Subject {
  readonly name: string
  readonly hasReceipts: boolean
  /** Messages under way at once in the throughput test: about where each subject is fastest. */
  readonly width: number
}

const SUBJECTS: readonly Subject[] = [
  { name: 'raw-signed', hasReceipts: false, width: 64 },
  { name: 'raw-unsigned', hasReceipts: false, width: 64 },
  { name: 'hallig-memory', hasReceipts: true, width: 900 },
  { name: 'hallig-durable', hasReceipts: true, width: 900 }
]

/** Messages before anything is measured: compiled code, open windows. */
const WARM_UP = 5_000
/** Messages of one throughput measurement. */
const FLOOD = 20_000
/** Messages of one latency measurement, and ms between two of them. */
const PACED = 600
const INTERVAL = 10
/** ms for the pair to link and for the mesh to form, and between two measurements. */
const SETTLE = 2_000

export const gossip: Question = {
  name: 'gossip',
  asks: 'Two processes over TCP on one machine, 512-byte messages one way: how many a second, and how long does one take at 100 a second?',
  rounds: 5,
  packages: [
    'libp2p',
    '@libp2p/gossipsub',
    '@libp2p/tcp',
    '@chainsafe/libp2p-noise',
    '@chainsafe/libp2p-yamux',
    'classic-level'
  ],
  needsPeers: false,
  targets: [
    {
      text: 'hallig-memory.throughput is at least twice raw-signed.throughput',
      met: (median) => median('hallig-memory.throughput') >= 2 * median('raw-signed.throughput')
    },
    {
      text: 'hallig-durable.throughput is at least raw-signed.throughput',
      met: (median) => median('hallig-durable.throughput') >= median('raw-signed.throughput')
    },
    {
      text: 'hallig-memory.latency-p50 is at most 3 ms over raw-signed.latency-p50',
      met: (median) => median('hallig-memory.latency-p50') <= median('raw-signed.latency-p50') + 3
    }
  ],
  async run(options) {
    for (let round = 0; round < options.rounds; round++) {
      for (const subject of SUBJECTS) {
        await withDirectory(async (directory) => {
          await measureOrRetry(subject, directory, options)
        })
      }
    }
  }
}

/** On a machine that is busy with other things a link may break down in the middle; that says nothing of the subject. */
async function measureOrRetry(subject: Subject, directory: string, options: RunOptions): Promise<void> {
  try {
    await measure(subject, `${directory}/first`, options)
  } catch (error) {
    options.say(
      `${subject.name}: once more, because ${error instanceof Error ? error.message : String(error)}`
    )
    await measure(subject, `${directory}/second`, options)
  }
}

async function measure(subject: Subject, directory: string, { record, say }: RunOptions): Promise<void> {
  const module = new URL('process.js', import.meta.url)
  const receiver = new Worker(module, { args: [subject.name, `${directory}/receiver`] })
  const sender = new Worker(module, { args: [subject.name, `${directory}/sender`] })
  try {
    await sender.ask('meet', await receiver.text('invitation'))
    await sleep(SETTLE)
    await flood(subject, sender, receiver, 0, WARM_UP)
    await sleep(SETTLE)
    const busy = await Promise.all([sender.number('cpu'), receiver.number('cpu')])
    const throughput = await flood(subject, sender, receiver, WARM_UP, FLOOD)
    const busier = await Promise.all([sender.number('cpu'), receiver.number('cpu')])
    const [sending = NaN, receiving = NaN] = busier.map(
      (time, index) => (time - (busy[index] ?? NaN)) / FLOOD
    )
    await sleep(SETTLE)
    const delays = await pace(sender, receiver, WARM_UP + FLOOD)
    const [p50, p99] = [percentile(delays, 0.5), percentile(delays, 0.99)]
    record(`${subject.name}.throughput`, 'msg/s', throughput)
    record(`${subject.name}.sender-cpu`, 'µs/msg', sending)
    record(`${subject.name}.receiver-cpu`, 'µs/msg', receiving)
    record(`${subject.name}.latency-p50`, 'ms', p50)
    record(`${subject.name}.latency-p99`, 'ms', p99)
    say(`${subject.name}: ${throughput.toFixed(0)} msg/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`)
  } finally {
    await Promise.all([sender.stop(), receiver.stop()])
  }
}

/** Messages per second from the first send until the last has arrived and, where there are receipts, all are confirmed. */
async function flood(
  subject: Subject,
  sender: Worker,
  receiver: Worker,
  first: number,
  count: number
): Promise<number> {
  await receiver.ask('expect', first, count)
  const start = await sender.number('flood', first, count, subject.width, subject.hasReceipts ? 1 : 0)
  const arrivals = await receiver.numbers('arrivals')
  const receipts = subject.hasReceipts ? await sender.numbers('receipts') : []
  const end = [...arrivals, ...receipts].reduce((latest, time) => Math.max(latest, time), 0)
  return (count / (end - start)) * 1000
}

/** Milliseconds from each send to the arrival. */
async function pace(sender: Worker, receiver: Worker, first: number): Promise<number[]> {
  await receiver.ask('expect', first, PACED)
  const sent = await sender.numbers('pace', first, PACED, INTERVAL)
  const arrived = await receiver.numbers('arrivals')
  return arrived.map((time, index) => time - (sent[index] ?? NaN))
}

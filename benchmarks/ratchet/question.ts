import type { Question, RunOptions, Target } from '../harness/question.js'
import { Worker } from '../harness/worker.js'

const SUBJECTS = [
  'hallig',
  'hallig-noble',
  'libsignal-client',
  'olm',
  'libsignal-typescript',
  'proteus'
] as const
type SubjectName = (typeof SUBJECTS)[number]
const PEERS = SUBJECTS.filter((name) => !name.startsWith('hallig'))

/** ms of one measurement: short, so that all subjects share what else the machine does. */
const SLICE = 250
/** ms before anything is measured: compiled code, grown chains. */
const WARM_UP = 1_500
/** ms of one measurement of serialising or parsing. */
const CODEC_SLICE = 50
const HANDSHAKES = 5
const LENGTHS = [2, 50, 256]

function times(factor: number, name: string, other: string): Target {
  return {
    text: `${name} is at least ${String(factor)} times ${other}`,
    met: (median) => median(name) >= factor * median(other)
  }
}

export const ratchet: Question = {
  name: 'ratchet',
  asks: 'Messages of 256 bytes encrypted and decrypted between two sessions whose state is serialised after each step: how many a second?',
  rounds: 15,
  packages: [
    '@signalapp/libsignal-client',
    '@matrix-org/olm',
    '@privacyresearch/libsignal-protocol-typescript',
    '@wireapp/proteus',
    '@noble/curves'
  ],
  needsPeers: true,
  targets: [
    times(5, 'hallig.in-order', 'libsignal-client.in-order'),
    {
      text: 'hallig.in-order is at least 1.5 times that of the fastest peer',
      met: (median) =>
        median('hallig.in-order') >= 1.5 * Math.max(...PEERS.map((name) => median(`${name}.in-order`)))
    },
    times(2.5, 'hallig.alternating', 'libsignal-client.alternating'),
    times(4, 'hallig-noble.in-order', 'libsignal-typescript.in-order'),
    times(4, 'hallig-noble.alternating', 'libsignal-typescript.alternating'),
    { text: 'jump.authenticated takes less than 50 ms', met: (median) => median('jump.authenticated') < 50 },
    { text: 'jump.memory is less than 1 MB', met: (median) => median('jump.memory') < 1e6 },
    { text: 'jump.forged takes less than 100 µs', met: (median) => median('jump.forged') < 100 }
  ],
  async run(options) {
    const workers = SUBJECTS.map((name) => [name, start(name)] as const)
    const jumping = start('hallig')
    try {
      for (const [, worker] of workers) await warmUp(worker)
      for (let round = 0; round < options.rounds; round++) {
        for (const [name, worker] of workers) await measure(name, worker, options)
        await measureJumps(jumping, options)
      }
    } finally {
      await Promise.all([jumping, ...workers.map(([, worker]) => worker)].map((worker) => worker.stop()))
    }
  }
}

function start(name: SubjectName): Worker {
  const nodeOptions = name === 'hallig-noble' ? ['--conditions=portable'] : ['--expose-gc']
  return new Worker(new URL('process.js', import.meta.url), { args: [name], nodeOptions })
}

async function warmUp(worker: Worker): Promise<void> {
  await worker.ask('handshake', HANDSHAKES)
  await worker.ask('inOrder', WARM_UP)
  await worker.ask('alternating', WARM_UP)
}

async function measure(name: SubjectName, worker: Worker, { record, say }: RunOptions): Promise<void> {
  const [inOrder = NaN, inOrderProcessor = NaN] = await worker.numbers('inOrder', SLICE)
  const [alternating = NaN, alternatingProcessor = NaN] = await worker.numbers('alternating', SLICE)
  record(`${name}.in-order`, 'msg/s', inOrder)
  record(`${name}.in-order-cpu`, 'µs/msg', inOrderProcessor)
  record(`${name}.alternating`, 'msg/s', alternating)
  record(`${name}.alternating-cpu`, 'µs/msg', alternatingProcessor)
  record(`${name}.handshake`, 'ms', await worker.number('handshake', HANDSHAKES))
  for (const step of ['serialise', 'parse']) {
    const cost = await worker.ask(step, CODEC_SLICE)
    if (typeof cost === 'number') record(`${name}.${step}`, 'µs', cost)
  }
  for (const length of LENGTHS) {
    record(`${name}.bytes-${String(length)}`, 'B', await worker.number('bytes', length))
  }
  say(`${name}: ${inOrder.toFixed(0)} msg/s in order, ${alternating.toFixed(0)} msg/s alternating`)
}

async function measureJumps(worker: Worker, { record, say }: RunOptions): Promise<void> {
  const [milliseconds = NaN, bytes = NaN] = await worker.numbers('jumpFar')
  const forged = await worker.number('forgeJumps')
  record('jump.authenticated', 'ms', milliseconds)
  record('jump.memory', 'B', bytes)
  record('jump.forged', 'µs', forged)
  say(
    `the largest jump: ${milliseconds.toFixed(1)} ms, ${(bytes / 1000).toFixed(0)} kB; a forged one: ${forged.toFixed(1)} µs`
  )
}

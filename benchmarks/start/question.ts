import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Question, RunOptions } from '../harness/question.js'
import { withDirectory } from '../harness/temporary.js'
import { Worker } from '../harness/worker.js'
import { layCable, type Cable } from './cable.js'

/** ms for a linked pair to fall idle: beacons slow down, the first exchange is over. */
const SETTLE = 20_000
/** ms of one look at an idle pair. */
const MINUTE = 60_000

export const start: Question = {
  name: 'start',
  asks: 'How soon does a node that starts reach a contact on its LAN, and what does a pair cost that has nothing to say?',
  rounds: 5,
  packages: ['libp2p', '@libp2p/gossipsub', 'classic-level'],
  needsPeers: false,
  targets: [
    { text: 'first-message is at most 3000 ms', met: (median) => median('first-message') <= 3000 },
    { text: 'idle-memory is at most 120 MB', met: (median) => median('idle-memory') <= 120 },
    { text: 'idle-traffic is at most 60 kB/min', met: (median) => median('idle-traffic') <= 60 }
  ],
  async run(options) {
    for (let round = 0; round < options.rounds; round++) {
      await withPair(undefined, options, () => Promise.resolve())
    }
    const cable = tryCable(options.say)
    try {
      await withPair(cable, { ...options, record: () => undefined }, async (workers) => {
        await watchIdle(workers, cable, options)
      })
    } finally {
      cable?.remove()
    }
  }
}

function tryCable(say: (line: string) => void): Cable | undefined {
  try {
    return layCable()
  } catch (error) {
    say(
      `idle-traffic is left out: it counts on a cable between network namespaces, which takes Linux and root (${String(error)})`
    )
    return undefined
  }
}

/** Start one node, let another find it and deliver a first message, then do `use` with the linked pair. */
async function withPair(
  cable: Cable | undefined,
  { record, say }: RunOptions,
  use: (workers: readonly Worker[]) => Promise<void>
): Promise<void> {
  const networkName = `bench-${randomUUID().slice(0, 8)}`
  const module = new URL('process.js', import.meta.url)
  const [onePrefix, otherPrefix] = cable?.ends ?? [[], []]
  await withDirectory(async (directory) => {
    const one = new Worker(module, { args: [`${directory}/one`, networkName], prefix: onePrefix })
    const preparing = new Worker(module, { args: [`${directory}/other`, networkName], prefix: otherPrefix })
    let other: Worker | undefined
    try {
      const contact = await preparing.text('prepare', await one.text('stay'))
      await preparing.stop()
      other = new Worker(module, { args: [`${directory}/other`, networkName], prefix: otherPrefix })
      const elapsed = await other.number('firstMessage', contact)
      record('first-message', 'ms', elapsed)
      say(`first message after ${elapsed.toFixed(0)} ms`)
      await use([one, other])
    } finally {
      await Promise.all([one.stop(), preparing.stop(), other?.stop()])
    }
  })
}

async function watchIdle(
  workers: readonly Worker[],
  cable: Cable | undefined,
  options: RunOptions
): Promise<void> {
  const { rounds, record, say } = options
  await sleep(SETTLE)
  for (let round = 0; round < rounds; round++) {
    const before = cable?.bytes() ?? 0
    await sleep(MINUTE)
    const kilobytes = ((cable?.bytes() ?? 0) - before) / 1000
    if (cable !== undefined) record('idle-traffic', 'kB/min', kilobytes)
    const resident = await Promise.all(workers.map((worker) => worker.number('resident')))
    for (const megabytes of resident) record('idle-memory', 'MB', megabytes)
    const memory = resident.map((megabytes) => megabytes.toFixed(0)).join(' and ')
    say(
      `an idle minute: ${memory} MB resident${cable === undefined ? '' : `, ${kilobytes.toFixed(1)} kB on the wire`}`
    )
  }
}

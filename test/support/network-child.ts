import { signingPublicKey } from '../../src/crypto/signature.js'
import { createLibp2pNetwork } from '../../src/network/libp2p/libp2p-network.js'
import { PROTOCOL, TOPIC, realClock, secureRandom, sha256 } from './network-libp2p.js'
import { createRecorder, numbered, numberOf } from './network-recorder.js'

/**
 * A process with one network that finds others on the LAN, for tests that need real processes. It is told what to do by
 * lines on standard input and tells what happens as lines of JSON on standard output:
 * `publish <count>` · `rate <seconds>` · `status` · `request` · `stop`.
 */
export interface ChildReport {
  readonly event: 'started' | 'join' | 'parcel' | 'published' | 'status' | 'answer' | 'stopped'
  /** Milliseconds since the process started. */
  readonly at: number
  readonly [detail: string]: unknown
}

const [networkName = 'test', ...bootstrap] = process.argv.slice(2)
const recorder = createRecorder()
const network = createLibp2pNetwork({
  topics: [TOPIC],
  networkName,
  protocols: [PROTOCOL],
  streamProtocols: [],
  hash: sha256,
  signingPublicKey,
  random: secureRandom,
  clock: realClock,
  bootstrap
})

function report(event: ChildReport['event'], details: Record<string, unknown> = {}): void {
  const line: ChildReport = { event, at: Math.round(performance.now()), ...details }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function publish(count: number): Promise<void> {
  const start = performance.now()
  let recipients = 0
  for (let first = 0; first < count; first += 256) {
    const batch = Array.from({ length: Math.min(256, count - first) }, (_, n) => numbered(first + n))
    const results = await Promise.all(batch.map((envelope) => network.publish(TOPIC, envelope)))
    recipients += results.filter((result) => result.recipients > 0).length
  }
  report('published', { recipients, ms: performance.now() - start })
}

let firstAt: number | undefined
let joins = 0
recorder.onEvent = () => {
  if (recorder.joins.length > joins) {
    joins = recorder.joins.length
    report('join', { peers: network.peers().map(({ peer }) => peer) })
  }
  const last = recorder.envelopes.at(-1)
  if (last === undefined) return
  firstAt ??= performance.now()
  if (numberOf(last) === 0xffff_ffff) {
    const inOrder = recorder.envelopes.slice(0, -1).every((envelope, n) => numberOf(envelope) === n)
    const ms = performance.now() - firstAt
    report('parcel', { envelopes: recorder.envelopes.length - 1, parcels: recorder.parcels, inOrder, ms })
    recorder.envelopes.length = 0
    recorder.parcels = 0
    firstAt = undefined
  }
}

async function obey(command: string): Promise<void> {
  const [verb, count = '1'] = command.split(' ')
  if (verb === 'publish') {
    await publish(Number(count))
    await network.publish(TOPIC, numbered(0xffff_ffff))
  } else if (verb === 'status') {
    const { rss } = process.memoryUsage()
    report('status', {
      rss,
      peers: network.peers(),
      lan: network.lanStatus(),
      addresses: network.addresses()
    })
  } else if (verb === 'request') {
    const [peer] = network.peers()
    const answer = await network.request(peer?.peer ?? '', PROTOCOL, Uint8Array.of(1, 2, 3))
    report('answer', { answer: [...answer] })
  } else {
    await network.stop()
    report('stopped')
    process.stdin.destroy()
  }
}

network.join(TOPIC)
await network.start(recorder.handlers)
report('started', { peer: network.peer })

let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) {
    obey(line).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exitCode = 1
    })
  }
})

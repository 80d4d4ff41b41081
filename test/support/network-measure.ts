import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { canMakeNamespaces, createNamespaces } from './network-namespaces.js'
import { startNetworkProcess } from './network-processes.js'
import type { NetworkProcess } from './network-processes.js'

/**
 * What the network costs, in two processes: `node dist/test/support/network-measure.js [envelopes] [idle seconds]`.
 * Idle traffic is counted on the wire, with all headers, and needs root and network namespaces.
 */
const [envelopes, idleSeconds] = [Number(process.argv[2] ?? 60_000), Number(process.argv[3] ?? 60)]

function print(what: string, value: number, unit: string): void {
  process.stdout.write(`${what.padEnd(44)} ${value.toFixed(0).padStart(9)} ${unit}\n`)
}

async function end(processes: readonly NetworkProcess[]): Promise<void> {
  for (const child of processes) child.tell('stop')
  await Promise.all(processes.map(({ ended }) => ended))
}

async function measureStartAndSpeed(): Promise<void> {
  const networkName = randomUUID()
  const alice = startNetworkProcess([networkName])
  await alice.next('started')
  const bob = startNetworkProcess([networkName])
  const { at: startedAt } = await bob.next('started')
  const { at } = await bob.next('join')
  await alice.next('join')
  print('from process start to the first join', at, 'ms')
  print('from start() to the first join', at - startedAt, 'ms')
  alice.tell(`publish ${envelopes}`)
  const { ms, parcels } = await bob.next('parcel', 60_000)
  print('envelopes of 512 B through gossipsub', (envelopes * 1_000) / Number(ms), '1/s')
  print('envelopes in a parcel', envelopes / Number(parcels), '')
  await end([alice, bob])
}

async function measureIdle(): Promise<void> {
  if (!canMakeNamespaces()) return
  const namespaces = createNamespaces(['alice', 'bob'])
  namespaces.cable('alice', '10.77.1.1/24', 'bob', '10.77.1.2/24')
  const pair = ['alice', 'bob'].map((name) => startNetworkProcess(['idle'], namespaces.prefix(name)))
  const bytes = (): number => {
    const file = '/sys/class/net/bob/statistics'
    const command = [...namespaces.prefix('alice'), 'cat', `${file}/rx_bytes`, `${file}/tx_bytes`]
    const counts = execFileSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
    return counts.reduce((sum, count) => sum + count, 0)
  }
  for (const child of pair) await child.next('join')
  // The beacons of the first seconds are not idle traffic.
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  const before = bytes()
  await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1_000))
  print('idle pair, all bytes on the wire', ((bytes() - before) * 60) / idleSeconds, 'B/min')
  for (const child of pair) {
    child.tell('status')
    print('resident memory of an idle node', Number((await child.next('status'))['rss']) / 1e6, 'MB')
  }
  await end(pair)
  namespaces.remove()
}

await measureStartAndSpeed()
await measureIdle()

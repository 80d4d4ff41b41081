// Node 20 lacks what libp2p needs.
import '../../src/platform/polyfill.js'
import { once } from 'node:events'
import { monotonic } from '../harness/monotonic.js'
import { orbitDirectory } from '../harness/paths.js'
import { loadPeer } from '../harness/peers.js'
import { serve, type Commands } from '../harness/serve.js'

/** OrbitDB as its documentation sets it up: an event log over Helia, blocks in Level, linked over TCP. What is used of each is described here. */
interface Libp2p {
  getMultiaddrs(): readonly unknown[]
  dial(address: unknown): Promise<unknown>
}
interface Entry {
  readonly clock: { readonly time: number }
}
interface EventLog {
  readonly address: string
  readonly events: {
    on(event: 'update', listener: (entry: Entry) => void): void
  }
  add(value: string): Promise<string>
  iterator(): AsyncIterable<unknown>
}
interface Orbit {
  open(name: string, options?: { readonly type?: string }): Promise<EventLog>
  stop(): Promise<void>
}
type Part = (options?: object) => unknown

/** Bytes of an entry's value. */
const ENTRY_BYTES = 512

const [directory = ''] = process.argv.slice(2)

async function load<Exports>(name: string): Promise<Exports> {
  return await loadPeer<Exports>(name, orbitDirectory)
}

async function part(name: string, which: string): Promise<Part> {
  const found = (await load<Readonly<Record<string, Part>>>(name))[which]
  if (found === undefined) throw new Error(`${name} has no ${which}`)
  return found
}

async function link(): Promise<Libp2p> {
  const { createLibp2p } = await load<{ createLibp2p: (options: object) => Promise<Libp2p> }>('libp2p')
  const [tcp, noise, yamux, identify, gossipsub] = await Promise.all([
    part('@libp2p/tcp', 'tcp'),
    part('@chainsafe/libp2p-noise', 'noise'),
    part('@chainsafe/libp2p-yamux', 'yamux'),
    part('@libp2p/identify', 'identify'),
    part('@chainsafe/libp2p-gossipsub', 'gossipsub')
  ])
  return await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) }
  })
}

async function openOrbit(libp2p: Libp2p): Promise<{ readonly orbit: Orbit; close(): Promise<void> }> {
  const { Helia } = await load<{
    Helia: new (options: object) => { start(): Promise<void>; stop(): Promise<void> }
  }>('@helia/utils')
  const { LevelBlockstore } = await load<{
    LevelBlockstore: new (path: string) => { open(): Promise<void>; close(): Promise<void> }
  }>('blockstore-level')
  const { MemoryDatastore } = await load<{ MemoryDatastore: new () => object }>('datastore-core')
  const bitswap = await part('@helia/block-brokers', 'bitswap')
  const { createOrbitDB } = await load<{ createOrbitDB: (options: object) => Promise<Orbit> }>(
    '@orbitdb/core'
  )
  const blockstore = new LevelBlockstore(`${directory}/blocks`)
  await blockstore.open()
  const datastore = new MemoryDatastore()
  const helia = new Helia({ libp2p, blockstore, datastore, blockBrokers: [bitswap()], routers: [] })
  await helia.start()
  const orbit = await createOrbitDB({ ipfs: helia, directory: `${directory}/orbit`, id: directory })
  return {
    orbit,
    close: async () => {
      await orbit.stop()
      await helia.stop()
      await blockstore.close()
    }
  }
}

const libp2p = await link()
const { orbit, close } = await openOrbit(libp2p)

/** Write a log of so many entries: its address. */
async function fill(count: number): Promise<string> {
  const log = await orbit.open('outage', { type: 'events' })
  for (let number = 0; number < count; number++)
    await log.add(String(number).padStart(8, '0').padEnd(ENTRY_BYTES, 'x'))
  return log.address
}

/** Link up and join the log: ms until all its entries are here. */
async function join(address: string, node: string, count: number): Promise<number> {
  const { multiaddr } = await load<{ multiaddr: (text: string) => unknown }>('@multiformats/multiaddr')
  const start = monotonic()
  await libp2p.dial(multiaddr(node))
  const log = await orbit.open(address)
  const joined = new EventTarget()
  const whole = once(joined, 'whole')
  // Told of the newest entry when everything before it is there.
  log.events.on('update', ({ clock }) => {
    if (clock.time >= count) joined.dispatchEvent(new Event('whole'))
  })
  await whole
  const elapsed = monotonic() - start
  let entries = 0
  for await (const entry of log.iterator()) if (entry !== undefined) entries++
  if (entries !== count) throw new Error(`${String(entries)} of ${String(count)} entries are there`)
  return elapsed
}

const commands: Commands = {
  address: () => String(libp2p.getMultiaddrs()[0]),
  fill: (count) => fill(Number(count)),
  join: (address, node, count) => join(String(address), String(node), Number(count))
}
serve(commands, close)

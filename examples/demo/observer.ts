/**
 * A stranger on the wire: a bare libp2p node with gossipsub that takes part in the topic like everybody else, knows
 * nobody, and writes down all that it gets to see.
 */
// First, because on Node 20 it brings what libp2p needs.
import 'hallig'
import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub, type GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { ObserverOrder, ObserverReport, Secret, Sight } from './reports.js'
import { envelopesOf, findSecrets } from './wire.js'

/** What every envelope begins with: version, lane, day of expiry, tag. The rest is sealed. */
const PREFIX_BYTES = 20

const parcels: { readonly topic: string; readonly bytes: Uint8Array; readonly signed: boolean }[] = []
let node: Libp2p<{ identify: unknown; pubsub: GossipSub }> | undefined

function report(report: ObserverReport): void {
  process.send?.(report)
}

async function watch(topic: string): Promise<void> {
  node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub({
        globalSignaturePolicy: 'StrictNoSign',
        msgIdFn: ({ data }) => createHash('sha256').update(data).digest()
      })
    }
  })
  const { pubsub } = node.services
  pubsub.addEventListener('message', ({ detail }) => {
    parcels.push({ topic: detail.topic, bytes: detail.data, signed: detail.type === 'signed' })
  })
  pubsub.addEventListener('subscription-change', () => {
    report({ kind: 'neighbours', peers: pubsub.getSubscribers(topic).map(String) })
  })
  pubsub.subscribe(topic)
  report({ kind: 'watching' })
}

async function dial(address: string): Promise<void> {
  await node?.dial(multiaddr(address))
}

function lookBack(secrets: readonly Secret[]): Sight {
  const bytes = parcels.map((parcel) => parcel.bytes)
  const envelopes = bytes.flatMap(envelopesOf)
  const sizes = bytes.map(({ length }) => length).sort((one, other) => one - other)
  // An envelope that was sent again is the same bytes again: that would compress.
  const distinct = new Map(envelopes.map((envelope) => [Buffer.from(envelope).toString('hex'), envelope]))
  const sealed = Buffer.concat([...distinct.values()].map((envelope) => envelope.subarray(PREFIX_BYTES)))
  return {
    parcels: parcels.length,
    envelopes: envelopes.length,
    distinct: distinct.size,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    topics: count(parcels.map(({ topic }) => topic)),
    envelopeSizes: count(envelopes.map(({ length }) => length)),
    parcelSizes: {
      smallest: sizes[0] ?? 0,
      median: sizes[Math.floor(sizes.length / 2)] ?? 0,
      largest: sizes.at(-1) ?? 0
    },
    signed: parcels.filter(({ signed }) => signed).length,
    compressedTo: (deflateRawSync(sealed).length / Math.max(1, sealed.length)) * 100,
    searched: secrets.reduce((sum, { hex }) => sum + hex.length / 2, 0),
    found: findSecrets(bytes, secrets)
  }
}

function count(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

async function obey(order: ObserverOrder): Promise<void> {
  switch (order.kind) {
    case 'watch':
      await watch(order.topic)
      return
    case 'dial':
      await dial(order.address)
      return
    case 'search':
      report({ kind: 'saw', sight: lookBack(order.secrets) })
      return
    case 'close':
      await node?.stop()
      process.off('disconnect', leave)
      process.disconnect()
  }
}

function leave(): void {
  process.exit()
}

process.on('message', (order: ObserverOrder) => {
  obey(order).catch((error: unknown) => {
    report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  })
})
// Ctrl-C reaches the whole group of processes: the parent decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
process.once('disconnect', leave)

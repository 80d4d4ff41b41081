import '../../src/platform/polyfill.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub, StrictNoSign, StrictSign } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Party, PartyEvents } from './party.js'

const TOPIC = 'benchmark'

/** gossipsub as it comes, over TCP, noise and yamux; only the signature policy differs between the two raw subjects. */
export async function openRawParty(isSigned: boolean, { onArrival }: PartyEvents): Promise<Party> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: gossipsub({ globalSignaturePolicy: isSigned ? StrictSign : StrictNoSign })
    }
  })
  const { pubsub } = node.services
  const isFull = ({ protocol, writableNeedsDrain }: Stream): boolean =>
    writableNeedsDrain && pubsub.protocols.includes(protocol)
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  pubsub.addEventListener('message', ({ detail }) => {
    if (detail.topic === TOPIC) onArrival(decoder.decode(detail.data))
  })
  pubsub.subscribe(TOPIC)
  return {
    invitation: () => Promise.resolve(String(node.getMultiaddrs()[0])),
    async meet(invitation) {
      await node.dial(multiaddr(invitation))
    },
    async send(text) {
      await pubsub.publish(TOPIC, encoder.encode(text))
      // Without this gossipsub writes until the link breaks down, and what it has not written is lost.
      const full = node.getConnections().flatMap(({ streams }) => streams.filter(isFull))
      await Promise.all(full.map((stream) => stream.onDrain()))
    },
    async close() {
      await node.stop()
    }
  }
}

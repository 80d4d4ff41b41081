// A process with a relay of somebody else: libp2p's circuit relay v2 with its default bounds, and nothing of Hallig. `node relay-child.js <address to
// listen on> [milliseconds of a link]`. It answers lines as `messenger-child` does: `links` with how many links through it were begun.
import '../../src/platform/polyfill.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { answerLines, tell } from './messenger-lines.js'

let links = 0
const [listen = '', defaultDurationLimit] = process.argv.slice(2)
const reservations =
  defaultDurationLimit === undefined ? {} : { defaultDurationLimit: Number(defaultDurationLimit) }
const node = await createLibp2p({
  addresses: { listen: [listen] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: {
    denyOutboundRelayedConnection: () => {
      links += 1
      return false
    }
  },
  services: { identify: identify(), ping: ping(), relay: circuitRelayServer({ reservations }) }
})
tell({ opened: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) })
answerLines((verb) =>
  verb === 'links' ? Promise.resolve(links) : Promise.reject(new Error(`Unknown verb ${verb}`))
)

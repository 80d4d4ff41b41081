import type { Libp2p } from '@libp2p/interface'
import { createGatekeeper } from '../../src/network/libp2p/gatekeeper.js'
import { Handshakes } from '../../src/network/libp2p/handshakes.js'
import { startNode, type NodeServices } from '../../src/network/libp2p/node.js'
import type { Libp2pNetworkOptions } from '../../src/network/libp2p/options.js'
import { Punches } from '../../src/network/libp2p/punching/punched-dials.js'
import { RelayService } from '../../src/network/libp2p/relay-service.js'
import { Relays } from '../../src/network/libp2p/relays.js'

/** A node like a messenger's own, to whose parts a test has access. */
export function startBareNode(
  options: Libp2pNetworkOptions,
  sockets: readonly string[],
  handshakes = new Handshakes()
): Promise<Libp2p<NodeServices>> {
  const { clock } = options
  return startNode(options, {
    gater: createGatekeeper(clock, handshakes).gater,
    handshakes,
    sockets,
    relays: new Relays({ relays: new Map(), clock, logger: undefined, onChange: () => undefined }),
    relayService: new RelayService(),
    punches: new Punches()
  })
}

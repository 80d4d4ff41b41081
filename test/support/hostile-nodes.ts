import type { Network, NetworkHandlers, PeerName } from '../../src/network/network.js'
import type { World } from '../../src/simulator/world.js'
import { RECONCILE_PROTOCOL } from '../../src/protocol/sync/frames.js'

export const MAIN_TOPIC = '/hallig/1/main/0'
/** ms between two sessions that a Sybil opens with somebody and leaves in silence. */
const AGAIN = 2_000

/** A node of nobody's: it takes part in the topic, and tells nothing of what it hears to anybody. */
export async function createDropper(world: World, name: PeerName): Promise<Network> {
  const network = world.hub.createNetwork(name)
  const handlers: NetworkHandlers = {
    inspect: () => 'ignore',
    onParcel: () => undefined,
    onPeers: () => undefined,
    onJoin: () => undefined,
    onRequest: () => new Promise(() => undefined),
    // Taken and never answered.
    onStream: () => undefined
  }
  network.join(MAIN_TOPIC)
  await network.start(handlers)
  return network
}

/** The same, of which each also keeps a silent session of reconciliation open with everybody in `victims`. */
export async function createSybils(
  world: World,
  count: number,
  victims: readonly PeerName[]
): Promise<Network[]> {
  const sybils: Network[] = []
  for (let n = 0; n < count; n += 1) {
    const network = await createDropper(world, `sybil${String(n)}`)
    sybils.push(network)
    const bother = (): void => {
      for (const victim of victims) network.openStream(victim, RECONCILE_PROTOCOL).catch(() => undefined)
      world.clock.schedule(AGAIN, bother)
    }
    world.clock.schedule(n * (AGAIN / count), bother)
  }
  return sybils
}

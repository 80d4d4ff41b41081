import assert from 'node:assert/strict'
import type { Network, NetworkHandlers, PeerName } from '../../src/network/network.js'
import { encodePrefix, expiryDay, LANE_TAGGED } from '../../src/protocol/envelope/envelope.js'
import { MIN_ENVELOPE_BYTES } from '../../src/protocol/limits.js'
import type { RandomSource } from '../../src/crypto/random.js'
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

/** Have a hostile node publish. */
export function publishFrom(network: Network, envelope: Uint8Array): void {
  network.publish(MAIN_TOPIC, envelope).catch((error: unknown) => {
    assert.fail(String(error))
  })
}

/** Who can hear whom from now on: those of a group each other. */
export async function meet(world: World, ...groups: readonly (readonly string[])[]): Promise<void> {
  world.hub.heal()
  world.hub.partition(groups)
  await world.pass(20_000)
}

/** A well-formed envelope that nobody can open, of the smallest size. */
export function envelopeForNobody(now: number, lifetime: number, random: RandomSource): Uint8Array {
  const envelope = random(MIN_ENVELOPE_BYTES).slice()
  envelope.set(encodePrefix(LANE_TAGGED, expiryDay(now, lifetime), random(16)))
  return envelope
}

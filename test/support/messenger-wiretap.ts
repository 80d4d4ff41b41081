import { decodeParcel } from '../../src/codec/parcel.js'
import type { Network } from '../../src/network/network.js'
import type { World } from '../../src/simulator/world.js'

export const TOPIC = '/hallig/1/main/0'

/** A node that hears everything, passes nothing on by itself, and says what it is told to. */
export interface Wiretap {
  readonly network: Network
  readonly heard: Uint8Array[]
  say(envelope: Uint8Array): Promise<void>
}

export async function tap(
  world: World,
  onEnvelope: (envelope: Uint8Array) => void = () => undefined
): Promise<Wiretap> {
  const network = world.hub.createNetwork('mallory')
  const heard: Uint8Array[] = []
  network.join(TOPIC)
  await network.start({
    inspect: (_, parcel) => {
      for (const envelope of decodeParcel(parcel) ?? []) {
        const copy = envelope.slice()
        heard.push(copy)
        onEnvelope(copy)
      }
      return 'ignore'
    },
    onParcel: () => undefined,
    onPeers: () => undefined,
    onJoin: () => undefined,
    onRequest: () => Promise.resolve(undefined),
    onStream: () => undefined
  })
  return {
    network,
    heard,
    say: async (envelope) => {
      await network.publish(TOPIC, envelope)
    }
  }
}

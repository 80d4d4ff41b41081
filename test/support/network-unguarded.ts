import { decodeParcel } from '../../src/codec/parcel.js'
import type { Network, PeerStream } from '../../src/network/network.js'
import { tagOf } from '../../src/protocol/envelope/envelope.js'
import { decodeFrame, encodeFrame } from '../../src/protocol/sync/frames.js'
import { MessengerError } from '../../src/index.js'

/** A network on which nobody opens a stream, which is what reconciliation is spoken on. */
export function withoutStreams(network: Network): Network {
  return {
    ...network,
    openStream: () => Promise.reject(new MessengerError('NETWORK_FAILED', 'Nobody opens a stream'))
  }
}

/** A network that does not say where it is: nobody knows by its addresses whose node it is. */
export function withoutAddresses(network: Network): Network {
  return { ...network, addresses: () => [] }
}

/** A network whose parcels all seem to come from one peer: who hands over how much is not known. */
export function fromOneSource(network: Network): Network {
  return {
    ...network,
    start: (handlers) =>
      network.start({
        ...handlers,
        onParcel: (topic, parcel) => {
          handlers.onParcel(topic, parcel, 'somebody')
        }
      })
  }
}

/** A network over which a node gets one envelope of a tag, the first that came: it takes the tag for what names an envelope. */
export function firstOfTag(network: Network): Network {
  const known = new Map<string, string>()
  const isFirst = (envelope: Uint8Array): boolean => {
    const tag = Buffer.from(tagOf(envelope)).toString('hex')
    const bytes = Buffer.from(envelope).toString('base64')
    const first = known.get(tag) ?? bytes
    known.set(tag, first)
    return first === bytes
  }
  const filtered = (stream: PeerStream): PeerStream => ({
    peer: stream.peer,
    send: (message) => stream.send(message),
    close: () => stream.close(),
    abort: () => {
      stream.abort()
    },
    async receive() {
      const message = await stream.receive()
      const frame = message === undefined ? undefined : decodeFrame(message)
      if (frame?.kind !== 'give') return message
      const given = frame.given.map((one) =>
        one.envelope === undefined || isFirst(one.envelope) ? one : { number: one.number }
      )
      return encodeFrame({ kind: 'give', given })
    }
  })
  return {
    ...network,
    start: (handlers) =>
      network.start({
        ...handlers,
        inspect: (topic, parcel) =>
          (decodeParcel(parcel) ?? []).every(isFirst) ? handlers.inspect(topic, parcel) : 'ignore',
        onStream: (protocol, stream) => {
          handlers.onStream(protocol, filtered(stream))
        }
      }),
    openStream: async (...args) => filtered(await network.openStream(...args))
  }
}

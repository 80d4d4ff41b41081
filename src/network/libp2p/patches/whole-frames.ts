import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { withPlainLengths } from './frame-lengths.js'

/**
 * Noise whose frames are written in one piece. Version 17 hands the two bytes of a frame's length to the transport apart from the frame, and a
 * transport writes what it is given piece by piece: each length was a call of the system, and a TCP segment or a WebSocket message of its own.
 */
export function noiseInWholeFrames(): ReturnType<typeof noise> {
  const create = noise()
  return (components) => {
    const encrypter = create(components)
    const outbound = encrypter.secureOutbound.bind(encrypter)
    const inbound = encrypter.secureInbound.bind(encrypter)
    const whole: Pick<ConnectionEncrypter, 'secureOutbound' | 'secureInbound'> = {
      secureOutbound: async (connection, options) =>
        withPlainLengths(await outbound(inOnePiece(connection), options)),
      secureInbound: async (connection, options) =>
        withPlainLengths(await inbound(inOnePiece(connection), options))
    }
    return Object.assign(encrypter, whole)
  }
}

/** The same stream, which writes all that it is given at once in one piece. */
function inOnePiece(stream: MessageStream): MessageStream {
  const send = stream.send.bind(stream)
  stream.send = (data) => send(data.subarray())
  return stream
}

import type { ConnectionProtector, MessageStream } from '@libp2p/interface'
import { agreementOn, takeForGranted } from './agreement.js'
import type { Fed } from './agreement.js'

const AGREEMENT = agreementOn('/noise')

/**
 * Has Noise begin on a connection as soon as it is there, not a round trip later, when the other side has said that it speaks nothing else either. It is
 * a protector, and protects nothing, as protectors are handed each connection before libp2p says its first word on it.
 */
export function noiseAtOnce(): ConnectionProtector {
  return {
    protect: (connection) => {
      if (connection.direction === 'outbound' && isFed(connection)) agreeByItself(connection)
      return Promise.resolve(connection)
    }
  }
}

/** The offer of Noise, if that is what is said first, is answered here; the answer of the other side is awaited where it does not hold up anybody. */
function agreeByItself(connection: MessageStream & Fed): void {
  const send = connection.send.bind(connection)
  connection.send = (data) => {
    connection.send = send
    const offer = data.subarray()
    if (offer.length !== AGREEMENT.length || offer.some((byte, at) => byte !== AGREEMENT[at]))
      return send(data)
    takeForGranted(connection, '/noise')
    const hasRoom = send(data)
    connection.push(offer)
    return hasRoom
  }
}

function isFed(stream: MessageStream): stream is MessageStream & Fed {
  return 'onData' in stream && typeof stream.onData === 'function'
}

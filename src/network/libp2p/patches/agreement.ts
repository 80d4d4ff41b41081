import { UnsupportedProtocolError } from '@libp2p/interface'
import type { MessageStream } from '@libp2p/interface'
import { encode } from 'it-length-prefixed'

type Bytes = Parameters<MessageStream['push']>[0]

/** What libp2p's own streams are beside what they declare: handed what comes. */
export interface Fed extends Pick<MessageStream, 'abort'> {
  onData(data: Bytes): void
}

/** What multistream-select 1.0 has each side say to agree on the only protocol that is offered. */
export function agreementOn(protocol: string): Uint8Array {
  const lines = ['/multistream/1.0.0', protocol].map((line) => new TextEncoder().encode(`${line}\n`))
  return Uint8Array.from(lines.flatMap((line) => [...encode.single(line).subarray()]))
}

/**
 * Take the other side’s agreement for given: it is left out of what comes on the stream, and whatever else comes in its place ends that. Who offers
 * one protocol has nothing to choose by the answer, and need not wait a round trip for it.
 */
export function takeForGranted(stream: Fed, protocol: string): void {
  const expected = agreementOn(protocol)
  const deliver = stream.onData.bind(stream)
  let seen = 0
  stream.onData = (data) => {
    const bytes = data.subarray()
    const answer = bytes.subarray(0, expected.length - seen)
    if (answer.some((byte, at) => byte !== expected[seen + at])) {
      stream.abort(new UnsupportedProtocolError(`The other side does not speak ${protocol}`))
      return
    }
    seen += answer.length
    if (seen < expected.length) return
    stream.onData = deliver
    deliver(bytes.subarray(answer.length))
  }
}

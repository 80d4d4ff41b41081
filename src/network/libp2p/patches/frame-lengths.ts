import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { member } from '../../../codec/member.js'

type Secured = Awaited<ReturnType<ConnectionEncrypter['secureOutbound']>>
type ReadLength = (bytes: { readonly byteLength: number }) => number

/** Bytes of the length of a frame of Noise. */
const LENGTH_BYTES = 2
const NOT_WHOLE = new RangeError('The length of a frame has not come whole')

/**
 * The same connection, which finds out without a new error that no other frame has come. Behind each frame Noise looks for the length of another, and
 * what says that there is none is a RangeError: to make one, with where it was made, took an eighth of the processor's time that gossip takes.
 */
export function withPlainLengths(secured: Secured): Secured {
  const { connection } = secured
  if (!hasDecoder(connection)) return secured
  const { decoder } = connection
  const read = decoder.lengthDecoder
  decoder.lengthDecoder = (bytes) => {
    if (bytes.byteLength < LENGTH_BYTES) throw NOT_WHOLE
    return read(bytes)
  }
  return secured
}

/** Not part of the declared interface, so nothing is changed where it is missing. */
function hasDecoder(
  connection: MessageStream
): connection is MessageStream & { readonly decoder: { lengthDecoder: ReadLength } } {
  return typeof member(member(connection, 'decoder'), 'lengthDecoder') === 'function'
}

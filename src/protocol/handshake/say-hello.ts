import type { RandomSource } from '../../crypto/random.js'
import { label } from '../labels.js'
import { MAX_INVITED_HELLOS, MAX_OPEN_HELLOS, NEXT_TAG_WINDOW } from '../limits.js'
import { prepareMessage, sealMessage } from '../ratchet/encrypt.js'
import type { HelloOpening, Session } from '../ratchet/session.js'
import { pad } from '../envelope/padding.js'
import { sealHello, type SealedHello } from './hello.js'
import { encodeHelloContent } from './hello-layout.js'

/** What the message inside a hello binds in place of an envelope's prefix. */
export function innerPrefix(sessionId: Uint8Array): Uint8Array {
  const prefix = label('hello/inner')
  const bound = new Uint8Array(prefix.length + sessionId.length)
  bound.set(prefix)
  bound.set(sessionId, prefix.length)
  return bound
}

/**
 * Whether the next message of this session travels as a hello: until the first reply, and within the lane's bound. To a stale bundle nothing
 * else may be sent, as long as the recipient still recognises it among the first of the chain.
 */
export function shouldSayHello(session: Session): session is Session & { readonly opening: HelloOpening } {
  const { opening } = session
  if (opening === undefined) return false
  if (opening.invite !== undefined) return opening.count < MAX_INVITED_HELLOS
  const said = opening.count - opening.firstCount
  return said < (session.stale ? NEXT_TAG_WINDOW : MAX_OPEN_HELLOS)
}

/**
 * Encrypt content into a hello. The certificate and the exchange repeat until the first reply, so that any one of these messages is enough to
 * begin the session.
 */
export function sealInHello(
  session: Session & { readonly opening: HelloOpening },
  certificate: Uint8Array,
  content: Uint8Array,
  expiryDay: number,
  random: RandomSource
): { readonly session: Session; readonly hello: SealedHello } {
  const { opening } = session
  const prepared = prepareMessage(session, random)
  // The outer seal pads to the envelope's size; inside only the mark is needed.
  const message = sealMessage(prepared, innerPrefix(session.id), pad(content, content.length + 1), random)
  const helloContent = encodeHelloContent({
    certificate,
    generation: session.generation,
    bundleHash: opening.bundleHash,
    ephemeralKey: opening.ephemeralKey,
    kemCiphertext: opening.kemCiphertext,
    kemPrekeyId: opening.kemPrekeyId,
    oneTime: opening.oneTime,
    pqRatchet: session.pq !== undefined,
    tag: prepared.tag,
    message
  })
  const route = { epoch: opening.epoch, signedPrekey: opening.signedPrekey }
  const invited =
    opening.invite === undefined ? {} : { invite: { secret: opening.invite, count: opening.count } }
  const hello = sealHello(helloContent, { ...route, ...invited }, expiryDay, random)
  return { session: { ...prepared.session, opening: { ...opening, count: opening.count + 1 } }, hello }
}

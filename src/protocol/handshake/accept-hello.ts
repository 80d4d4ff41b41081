import type { DhKeyPair } from '../../crypto/dh.js'
import { compareBytes } from '../compare-bytes.js'
import type { OwnIdentity } from '../identity/identity.js'
import { kemPrekeyId, type Prekeys, type SignedPrekey } from '../prekeys/prekeys.js'
import { decryptMessage, type Decrypted, type DecryptRejection } from '../ratchet/decrypt.js'
import { chainTags } from '../ratchet/kdf.js'
import type { Session } from '../ratchet/session.js'
import { NEXT_TAG_WINDOW } from '../limits.js'
import { reject, type Rejected } from '../rejection.js'
import type { HelloContent } from './hello-layout.js'
import { acceptSession } from './pqxdh.js'
import { innerPrefix } from './say-hello.js'

export type AcceptRejection = Rejected<
  'unknown-bundle' | 'unknown-kem-prekey' | 'no-one-time-key' | 'bad-key' | 'unexpected-tag'
>

/** Compute the recipient's session from an opened hello. Nothing is stored unless its message decrypts. */
export function acceptHello(
  own: OwnIdentity,
  prekeys: Prekeys,
  signedPrekey: SignedPrekey,
  oneTimeKey: DhKeyPair | undefined,
  content: HelloContent,
  now: number
): { readonly kind: 'accepted'; readonly session: Session } | AcceptRejection {
  if (!prekeys.issued.some(({ hash }) => compareBytes(hash, content.bundleHash) === 0))
    return reject('unknown-bundle')
  const kemPrekey = prekeys.kemPrekeys.find(
    ({ publicKey }) => compareBytes(kemPrekeyId(publicKey), content.kemPrekeyId) === 0
  )
  if (kemPrekey === undefined) return reject('unknown-kem-prekey')
  if (content.oneTime && oneTimeKey === undefined) return reject('no-one-time-key')
  const session = acceptSession({
    own,
    signedPrekey,
    kemPrekey,
    ...(content.oneTime && oneTimeKey !== undefined ? { oneTimeKey } : {}),
    initiator: content.certificate,
    exchange: { ephemeralKey: content.ephemeralKey, kemCiphertext: content.kemCiphertext },
    bundleHash: content.bundleHash,
    pqRatchet: content.pqRatchet,
    generation: content.generation,
    now
  })
  return session === undefined ? reject('bad-key') : { kind: 'accepted', session }
}

/** Decrypt the message of a hello whose session is fresh: it can only be among the first of the initiator's chain. */
export function openFirstMessage(
  session: Session,
  content: HelloContent
): Decrypted | DecryptRejection | AcceptRejection {
  const tags = chainTags(session.nextReceivingHeaderKeys.tag, 0, NEXT_TAG_WINDOW)
  const number = tags.findIndex((tag) => compareBytes(tag, content.tag) === 0)
  if (number < 0) return reject('unexpected-tag')
  return decryptMessage(session, { chain: 'next', number }, innerPrefix(session.id), content.message)
}

import { systemRandom } from '../../src/platform/system.js'
import { INCARNATION_BYTES } from '../../src/protocol/identity/identity.js'
import { NEXT_TAG_WINDOW, TAG_WINDOW } from '../../src/protocol/limits.js'
import type { HeaderKeys } from '../../src/protocol/ratchet/kdf.js'
import type { Session } from '../../src/protocol/ratchet/session.js'

/** How far a conversation has got: in turns, where windows stay small, or with a long run of messages from one side. */
export type Course = 'alternating' | 'grown'

const KEY_BYTES = 32

/** A session in the middle of a conversation. No message was ever sealed with it: its keys are random. */
export function makeSession(course: Course): Session {
  const key = (): Uint8Array => systemRandom(KEY_BYTES)
  const headerKeys = (): HeaderKeys => ({ header: key(), tag: key() })
  const next = course === 'grown' ? TAG_WINDOW : 1
  return {
    id: key(),
    associatedData: key(),
    generation: 1,
    createdAt: Date.now(),
    ownIncarnation: systemRandom(INCARNATION_BYTES),
    theirIncarnation: systemRandom(INCARNATION_BYTES),
    rootKey: key(),
    ownRatchetKey: { publicKey: key(), secretKey: key() },
    theirRatchetKey: key(),
    sending: { chainKey: key(), headerKeys: headerKeys(), next: 1 },
    previousCount: 1,
    nextSendingHeaderKeys: headerKeys(),
    receiving: {
      chainKey: key(),
      headerKeys: headerKeys(),
      next,
      window: course === 'grown' ? TAG_WINDOW : NEXT_TAG_WINDOW
    },
    nextReceivingHeaderKeys: headerKeys(),
    skippedCount: 0,
    stale: false
  }
}

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { prepareMessage } from '../../../src/protocol/ratchet/encrypt.js'
import { messageKey } from '../../../src/protocol/ratchet/kdf.js'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import { endpointOf, receive, sendText, TagLookup, type Endpoint } from '../../support/protocol-endpoint.js'
import { establish } from '../../support/protocol-parties.js'
import { seeded } from '../../support/protocol-values.js'
import { hex } from '../../support/vectors.js'
import {
  bytesOf,
  epochKeys,
  itIsARecord,
  pairs,
  pqRatchets,
  someBytes,
  u32,
  u64,
  withOptional,
  recordOf
} from '../../support/messenger-records.js'

const headerKeys = recordOf({ header: bytesOf(32), tag: bytesOf(32) })
const chain = withOptional(recordOf({ chainKey: bytesOf(32), headerKeys, next: u32 }), { pq: epochKeys })
const opening = withOptional(
  recordOf({
    ephemeralKey: bytesOf(32),
    kemCiphertext: someBytes,
    kemPrekeyId: someBytes,
    epoch: u32,
    signedPrekey: bytesOf(32),
    bundleHash: bytesOf(32),
    oneTime: fc.boolean(),
    count: u32,
    firstCount: u32
  }),
  { invite: bytesOf(32) }
)

/** A session that was written by version 1: Alice's, after one message each way and one more of hers. */
const VERSION_1 = `
  0106921bdb0452c3ca6bc98b0d197299304d62a3a03135e872fe78aa5205db3d286d849c5c08e6166c6e1ab1e65b688c
  397461a411d833f0f78dae858fb38b78d30000000100000197789c52008e9c3285f6a19d16c663c4816cc33b594ad7fa
  907a46598b1a92b9ad73761e191c6404d1602daea4881fb2d1f3baf134b085406a579c8212b669825307c7176cf98388
  354801b93f26d85f4a44df86b4cb55b48911277e9ee3e8d90e20633d630951a60c071aa2bbf6c98cb90a757638799c71
  4acc47189f801eefd6a782774601fd132c9ad703d1c5a453c509e9b1a1c3a41657edae00408590a1b9047ff67b7e0155
  ab326c654b16c2b55fcb28ecd6df9eaefcadba02e85a97396710088d282c65cf7aac689ee6583e018393c2f3393c6182
  327e873bc45bd947562c2d22ad0b479426024e74d6d79b5e49b7ce02b99e2b36e9b405c3f0886d30d971ff44b8fc6e00
  00000100000001da64e2dff816cc9a60fb96b4adefd0c5cebf5f5c0000abafaa0023f829136eec6870349625accf6517
  ac51cf0cfa051c997c6852534f6ae3840975cb536f402e0103d3bf699d1c0a23b30423cd29c76ae080876d2ed5028ccf
  23e7be56370d3a3f5c7fdf5ab4a6ac9783a587f2c42c5fae2e5c1efdee31412cb46d010bc4156d1c35e6b87799c72835
  1e575941b096df3df009a70bec856b821d5a10c7e1f7468000000001000000401b3fc53ede3231bc843349e7d6b270f9
  47a4a284379e1d83b9e9a70ebe93499a43841ef32d25bfaa675cd55e90316b3aa585d34733fdd7b81ce4381380b500e1
  000000000000
`

describe('storage/records/session-record', () => {
  itIsARecord(
    sessionRecord,
    withOptional(
      recordOf({
        id: bytesOf(32),
        associatedData: bytesOf(32),
        generation: u32,
        createdAt: u64,
        ownIncarnation: bytesOf(16),
        theirIncarnation: bytesOf(16),
        rootKey: bytesOf(32),
        ownRatchetKey: pairs,
        previousCount: u32,
        nextSendingHeaderKeys: headerKeys,
        nextReceivingHeaderKeys: headerKeys,
        skippedCount: u32,
        stale: fc.boolean()
      }),
      {
        theirRatchetKey: bytesOf(32),
        sending: chain,
        receiving: fc.tuple(chain, u32).map(([receiving, window]) => ({ ...receiving, window })),
        opening,
        pq: pqRatchets
      }
    )
  )

  it('of the version before, without the post-quantum ratchet, is read and written as of this one', () => {
    const session = sessionRecord.decode(hex(VERSION_1.replaceAll(/\s/g, '')))
    assert.deepEqual([session.sending?.next, session.receiving?.next, session.receiving?.window], [1, 1, 64])
    assert.deepEqual(
      [session.pq, session.sending?.pq, session.receiving?.pq],
      [undefined, undefined, undefined]
    )
    const written = sessionRecord.encode(session)
    assert.equal(written[0], 2)
    assert.deepEqual(sessionRecord.decode(written), session)
    // It goes on: the next message opens under the key its chain had.
    const sent = sendText(endpointOf(session), 'four', seeded(3))
    const chain = session.sending
    assert.ok(chain !== undefined)
    const expected = messageKey(chain.chainKey, session.id)
    assert.deepEqual(prepareMessage(session, seeded(3)).messageKey, expected)
    assert.equal(sent.endpoint.session.sending?.next, 2)
  })

  it('Invariant 13: written, read and gone on with is as if it had never been written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        (seed, turns) => {
          const begun = establish(seed)
          const tags = new TagLookup()
          const random = seeded(seed)
          let [alice, bob] = [endpointOf(begun.alice), endpointOf(begun.bob)]
          for (const [n, isAlices] of [true, ...turns].entries()) {
            const canBobSend = bob.session.theirRatchetKey !== undefined
            const [from, to] = isAlices || !canBobSend ? [alice, bob] : [bob, alice]
            const sent = sendText(restored(from), `message ${String(n)}`, random)
            const received = receive(restored(to), sent.envelope, tags)
            assert.ok(received.kind === 'delivered', received.kind)
            assert.equal(received.text, `message ${String(n)}`)
            ;[alice, bob] =
              from === alice ? [sent.endpoint, received.endpoint] : [received.endpoint, sent.endpoint]
          }
        }
      ),
      { numRuns: 20 }
    )
  })
})

function restored(endpoint: Endpoint): Endpoint {
  const session = sessionRecord.decode(sessionRecord.encode(endpoint.session))
  assert.deepEqual(session, endpoint.session)
  return { ...endpoint, session }
}

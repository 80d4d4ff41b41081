import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import { endpointOf, receive, sendText, TagLookup, type Endpoint } from '../../support/protocol-endpoint.js'
import { establish } from '../../support/protocol-parties.js'
import { seeded } from '../../support/protocol-values.js'
import {
  bytesOf,
  itIsARecord,
  pairs,
  someBytes,
  u32,
  u64,
  withOptional,
  recordOf
} from '../../support/messenger-records.js'

const headerKeys = recordOf({ header: bytesOf(32), tag: bytesOf(32) })
const chain = recordOf({ chainKey: bytesOf(32), headerKeys, next: u32 })
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
        opening
      }
    )
  )

  it('written, read and gone on with is as if it had never been written', () => {
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

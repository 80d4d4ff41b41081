import assert from 'node:assert/strict'
import { encodeIdentityId } from '../../../src/codec/ids.js'
import { CONTACTS_AT_ONCE, secretsAhead } from '../../../src/messenger/receive/secrets-ahead.js'

const contacts = Array.from({ length: 2 * CONTACTS_AT_ONCE + 8 }, (_, n) =>
  encodeIdentityId(new Uint8Array(20).fill(n))
)
const tagKey = new Uint8Array(32).fill(7)

describe('secrets that are derived ahead', () => {
  it('come in the order of the contacts, whatever is derived first, and no more are under way than may be', async () => {
    const waiting: (() => void)[] = []
    const given = secretsAhead(
      contacts,
      (contactId) => [{ tagKey, from: 0, to: 4 * (contacts.indexOf(contactId) + 1) }],
      (key, from, count) =>
        new Promise((resolve) =>
          waiting.push(() => {
            resolve(new Uint8Array(count).fill(key[from] ?? 0))
          })
        )
    )
    const taken: string[] = []
    const all = (async () => {
      for await (const [contactId, runs] of given) {
        taken.push(contactId)
        assert.deepEqual(runs, [
          { tagKey, from: 0, to: 4 * taken.length, secrets: new Uint8Array(taken.length).fill(7) }
        ])
      }
    })()
    assert.equal(waiting.length, 2 * CONTACTS_AT_ONCE)
    assert.equal(taken.length, 0)
    for (let resolve = waiting.pop(); resolve !== undefined; resolve = waiting.pop()) {
      resolve()
      if (waiting.length === 0) await new Promise(setImmediate)
    }
    await all
    assert.deepEqual(taken, contacts)
  })

  it('leave out the runs for which there is no answer', async () => {
    const runs = [
      { tagKey, from: 4, to: 8 },
      { tagKey, from: 0, to: 256 }
    ]
    const given = secretsAhead(
      contacts.slice(0, 1),
      () => runs,
      (_key, from, count) => Promise.resolve(from === 1 ? undefined : new Uint8Array(count))
    )
    for await (const derived of given)
      assert.deepEqual(derived, [contacts[0], [{ tagKey, from: 0, to: 256, secrets: new Uint8Array(64) }]])
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeIdentityId, type IdentityId } from '../../../src/codec/ids.js'
import { TagIndex } from '../../../src/messenger/receive/tag-index.js'
import { inviteTags } from '../../../src/protocol/handshake/invite.js'
import { NEXT_TAG_WINDOW } from '../../../src/protocol/limits.js'
import { expectedRuns } from '../../../src/protocol/ratchet/expected-tags.js'
import { chainTags } from '../../../src/protocol/ratchet/kdf.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { endpointOf, receive, sendText, TagLookup } from '../../support/protocol-endpoint.js'
import { establish } from '../../support/protocol-parties.js'
import { must, seeded } from '../../support/protocol-values.js'

const bob = encodeIdentityId(new Uint8Array(20).fill(2))

/** All tags the sessions wait for, as they should be found. */
function tagsOf(sessions: readonly Session[]): Uint8Array[] {
  return sessions.flatMap(expectedRuns).flatMap(({ tagKey, from, to }) => chainTags(tagKey, from, to))
}

describe('messenger/tag-index', () => {
  it('follows sessions step by step: it finds what they wait for and nothing else', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.constantFrom('a', 'b', 'A'), { maxLength: 25 }),
        (seed, turns) => {
          const begun = establish(seed)
          const index = new TagIndex()
          const random = seeded(seed)
          const tags = new TagLookup()
          let [alice, bobs] = [endpointOf(begun.alice), endpointOf(begun.bob)]
          index.update(bob, [], [bobs.session])
          for (const turn of ['a', ...turns]) {
            const before = bobs.session
            if (turn === 'b') {
              const sent = sendText(bobs, 'x', random)
              const received = receive(alice, sent.envelope, tags)
              bobs = sent.endpoint
              if (received.kind === 'delivered') alice = received.endpoint
            } else {
              const sent = sendText(alice, 'x', random)
              alice = sent.endpoint
              // A capital letter is lost on the way.
              const received = turn === 'a' ? receive(bobs, sent.envelope, tags) : undefined
              if (received?.kind === 'delivered') bobs = received.endpoint
            }
            index.update(bob, [before], [bobs.session])
            const expected = tagsOf([bobs.session])
            assert.equal(index.size, expected.length)
            for (const tag of expected) assert.equal(index.find(tag)?.kind, 'expected')
          }
          index.update(bob, [bobs.session], [])
          assert.equal(index.size, 0, 'nothing is left of a session that is gone')
        }
      ),
      { numRuns: 30 }
    )
  })

  it('says which message of which session a tag belongs to', () => {
    const { bob: session } = establish(7)
    const index = new TagIndex()
    index.update(bob, [], [session])
    const { tag: tagKey } = session.nextReceivingHeaderKeys
    for (const [number, tag] of chainTags(tagKey, 0, 5).entries()) {
      assert.deepEqual(index.find(tag), {
        kind: 'expected',
        contactId: bob,
        sessionId: session.id,
        tagKey,
        number
      })
    }
    assert.equal(index.find(new Uint8Array(16)), undefined)
  })

  it('finds a late tag of a new chain first, and an early one after it', () => {
    const { bob: session } = establish(8)
    const { tag: tagKey } = session.nextReceivingHeaderKeys
    const tags = chainTags(tagKey, 0, NEXT_TAG_WINDOW + 1)
    for (const order of [tags.keys(), [...tags.keys()].reverse()]) {
      const index = new TagIndex()
      index.update(bob, [], [session])
      for (const number of order) {
        const found = index.find(must(tags[number]))
        if (number === NEXT_TAG_WINDOW) assert.equal(found, undefined, 'the window ends')
        else assert.equal(found?.kind === 'expected' ? found.number : undefined, number)
      }
    }
  })

  it('finds what everybody waits for, however many sessions were there before', () => {
    const index = new TagIndex()
    const contacts = Array.from({ length: 60 }, (_, n) => encodeIdentityId(new Uint8Array(20).fill(n)))
    const random = seeded(9)
    const { bob: template } = establish(9)
    let before = new Map<IdentityId, Session>()
    for (let round = 0; round < 12; round++) {
      const after = new Map<IdentityId, Session>()
      for (const contact of contacts) {
        const nextReceivingHeaderKeys = { header: random(32), tag: random(32) }
        const session = { ...template, id: random(32), nextReceivingHeaderKeys }
        const last = before.get(contact)
        index.update(contact, last === undefined ? [] : [last], [session])
        after.set(contact, session)
      }
      assert.equal(index.find(random(16)), undefined)
      for (const [contact, session] of after) {
        const tags = tagsOf([session])
        const found = index.find(must(tags[tags.length - 1]))
        assert.ok(found?.kind === 'expected' && found.contactId === contact && found.sessionId === session.id)
        const gone = before.get(contact)
        if (gone !== undefined) assert.equal(index.find(must(tagsOf([gone])[0])), undefined)
      }
      assert.equal(index.size, contacts.length * NEXT_TAG_WINDOW)
      before = after
    }
  })

  it('keeps skipped keys and invites apart from sessions', () => {
    const index = new TagIndex()
    const secret = new Uint8Array(32).fill(8)
    const tag = new Uint8Array(16).fill(3)
    index.addSkipped(bob, new Uint8Array(32), tag)
    assert.equal(index.find(tag)?.kind, 'skipped')
    index.remove(tag)
    assert.equal(index.find(tag), undefined)
    index.addInvite(secret)
    for (const [count, invited] of inviteTags(secret).entries()) {
      assert.deepEqual(index.find(invited), { kind: 'invited', secret, count })
    }
    index.removeInvite(secret)
    assert.equal(index.size, 0)
  })
})

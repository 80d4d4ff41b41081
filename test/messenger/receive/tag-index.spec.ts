import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeIdentityId, type IdentityId } from '../../../src/codec/ids.js'
import { TagIndex } from '../../../src/messenger/receive/tag-index.js'
import { hmacSha512Numbers } from '../../../src/crypto/hash.js'
import type { HmacsBeside } from '../../../src/platform/platform.js'
import { inviteTags } from '../../../src/protocol/handshake/invite.js'
import { NEXT_TAG_WINDOW } from '../../../src/protocol/limits.js'
import { expectedRuns } from '../../../src/protocol/ratchet/expected-tags.js'
import { chainTags, tagSecret, tagSecrets } from '../../../src/protocol/ratchet/kdf.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { endpointOf, receive, sendText, TagLookup } from '../../support/protocol-endpoint.js'
import { establish } from '../../support/protocol-parties.js'
import { must, seeded } from '../../support/protocol-values.js'

const bob = encodeIdentityId(new Uint8Array(20).fill(2))

/** All tags the sessions wait for, as they should be found. */
function tagsOf(sessions: readonly Session[]): Uint8Array[] {
  return sessions.flatMap(expectedRuns).flatMap(({ tagKey, from, to }) => chainTags(tagKey, from, to))
}

/** What waits for the next turn, or for secrets, waits after a few microtasks. */
async function settled(): Promise<void> {
  for (let tick = 0; tick < 20; tick++) await Promise.resolve()
}

/** Answers come when what was asked is called. */
function answeredLater(): { readonly asked: (() => void)[]; readonly beside: HmacsBeside } {
  const asked: (() => void)[] = []
  const beside: HmacsBeside = (key, from, count) =>
    new Promise((resolve) => {
      asked.push(() => {
        resolve(hmacSha512Numbers(key, from, count))
      })
    })
  return { asked, beside }
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
        number,
        secret: tagSecret(tagSecrets(tagKey, number), number)
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

  describe('that is completed in the background', () => {
    const people = Array.from({ length: 4 }, (_, n) => encodeIdentityId(new Uint8Array(20).fill(n)))
    const parties = people.map((_, n) => establish(n + 50).bob)

    /** The sessions in the index, gathered; and what lets it go on by one contact. */
    function gathered(hmacsBeside?: HmacsBeside): {
      readonly index: TagIndex
      readonly goOn: () => Promise<void>
      readonly isOver: () => boolean
    } {
      const index = new TagIndex()
      index.gather()
      for (const [at, person] of people.entries()) index.update(person, [], [must(parties[at])])
      let wake = (): void => undefined
      let isOver = false
      const turns = { next: () => new Promise<void>((resolve) => (wake = resolve)) }
      let ended: Promise<void> | undefined
      const goOn = async (): Promise<void> => {
        if (ended === undefined) ended = index.complete(turns, hmacsBeside).then(() => void (isOver = true))
        else wake()
        await settled()
        if (isOver) assert.equal(index.completion, undefined)
      }
      return { index, goOn, isOver: () => isOver }
    }

    it('finds no tag at first, then those of one contact after the other, then all', async () => {
      const { index, goOn } = gathered()
      const tags = tagsOf(parties)
      assert.equal(index.size, tags.length)
      assert.ok(tags.every((tag) => index.find(tag) === undefined))
      for (let done = 1; done <= people.length; done++) {
        assert.notEqual(index.completion, undefined)
        await goOn()
        for (const [at, session] of parties.entries()) {
          const found = tagsOf([session]).filter((tag) => index.find(tag) !== undefined)
          assert.equal(found.length, at < done ? NEXT_TAG_WINDOW : 0)
        }
      }
      await goOn()
      assert.equal(index.completion, undefined)
    })

    it('tells everybody who waits when it is complete, or closed', async () => {
      for (const isClosed of [false, true]) {
        const { index, goOn, isOver } = gathered()
        let isTold = false
        const told = must(index.completion).then(() => (isTold = true))
        await goOn()
        assert.equal(isTold, false)
        if (isClosed) index.close()
        while (!isOver()) await goOn()
        await told
        assert.equal(index.completion, undefined)
      }
    })

    it('computes nothing more once it is closed', async () => {
      const { index, goOn, isOver } = gathered()
      await goOn()
      index.close()
      while (!isOver()) await goOn()
      const found = parties.map((session) => index.find(must(tagsOf([session])[0])) !== undefined)
      assert.deepEqual(found, [true, false, false, false])
    })

    it('takes secrets that are derived beside it, as long as they are those of what it lacks', async () => {
      const { asked, beside } = answeredLater()
      const { index, goOn, isOver } = gathered(beside)
      await goOn()
      assert.equal(asked.length, people.length, 'all are begun at once')
      const [first, second] = [must(parties[0]), must(parties[1])]
      // Of the first a message has come since, and the second is gone.
      const [person, gone] = [must(people[0]), must(people[1])]
      const chain = { chainKey: new Uint8Array(32), next: 5, window: 2 * NEXT_TAG_WINDOW }
      const moved = {
        ...first,
        receiving: { ...chain, headerKeys: first.nextReceivingHeaderKeys },
        nextReceivingHeaderKeys: { header: new Uint8Array(32), tag: new Uint8Array(32).fill(6) }
      }
      index.update(person, [first], [moved])
      index.update(gone, [second], [])
      for (const resolve of asked) resolve()
      while (!isOver()) await goOn()
      const tags = tagsOf([moved, ...parties.slice(2)])
      assert.equal(index.size, tags.length)
      for (const tag of tags) assert.equal(index.find(tag)?.kind, 'expected')
      for (const tag of tagsOf([second])) assert.equal(index.find(tag), undefined)
    })

    it('ends when it is closed while secrets are derived: their tags are not put in', async () => {
      const { asked, beside } = answeredLater()
      const { index, goOn, isOver } = gathered(beside)
      await goOn()
      index.close()
      for (const resolve of asked) resolve()
      while (!isOver()) await goOn()
      assert.ok(tagsOf(parties).every((tag) => index.find(tag) === undefined))
    })

    it('finds what is asked for by its contact at any time, and misses nothing in the end, whatever changes meanwhile', async () => {
      const step = fc.oneof(
        fc.constant({ what: 'go on' as const }),
        fc.record({
          what: fc.constantFrom('renew', 'remove', 'ask'),
          who: fc.nat({ max: people.length - 1 })
        })
      )
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.array(step, { maxLength: 20 }), async (seed, steps) => {
          const random = seeded(seed)
          const { index, goOn } = gathered((key, from, count) =>
            Promise.resolve((random(1)[0] ?? 0) < 128 ? undefined : hmacSha512Numbers(key, from, count))
          )
          const now: Session[][] = parties.map((session) => [session])
          for (const each of steps) {
            if (each.what === 'go on') {
              await goOn()
              continue
            }
            const [person, before] = [must(people[each.who]), must(now[each.who])]
            const [session] = before
            if (each.what === 'ask') {
              for (const tag of tagsOf(before).reverse())
                assert.equal(index.find(tag, person)?.kind, 'expected')
              continue
            }
            // A message has begun the next chain, or the first one after the contact was removed.
            const nextReceivingHeaderKeys = { header: random(32), tag: random(32) }
            const renewed = { ...(session ?? must(parties[each.who])), nextReceivingHeaderKeys }
            const chain = { chainKey: random(32), next: 5, window: 2 * NEXT_TAG_WINDOW }
            const headerKeys = renewed.nextReceivingHeaderKeys
            const after = each.what === 'remove' ? [] : [{ ...renewed, receiving: { ...chain, headerKeys } }]
            index.update(person, before, after)
            now[each.who] = after
          }
          while (index.completion !== undefined) await goOn()
          const tags = tagsOf(now.flat())
          assert.equal(index.size, tags.length)
          for (const tag of tags) assert.equal(index.find(tag)?.kind, 'expected')
          assert.equal(index.find(random(16)), undefined)
        }),
        { numRuns: 60 }
      )
    })
  })
})

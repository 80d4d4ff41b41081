import assert from 'node:assert/strict'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { inWorld } from '../../src/simulator/world.js'

const DAY = 24 * 60 * 60 * 1000

describe('first contact', () => {
  it('works with a short card: the bundle comes from its owner', async () => {
    await inWorld({ seed: 101 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await bob.add(await alice.card())
      const message = await bob.say(alice, 'Moin')
      await world.until(() => bob.statusOf(message) === 'delivered')
      assert.deepEqual(alice.heard, ['Moin'])
      assert.equal((await alice.contact(bob)).origin, 'invite')
      const answer = await alice.say(bob, 'Moin moin')
      await world.until(() => alice.statusOf(answer) === 'delivered')
      assert.equal((await alice.contact(bob)).session, 'established')
      assert.equal((await bob.contact(alice)).session, 'established')
      assert.equal((await alice.contact(bob)).name, 'bob', 'the profile came with the conversation')
      assert.equal(
        await alice.messenger.contacts.safetyNumber(bob.id),
        await bob.messenger.contacts.safetyNumber(alice.id)
      )
      await assertSameHistory(alice, bob, ['Moin', 'Moin moin'])
      assertNoKeyTwice(world.published)
    })
  })

  it('works with a short card while its owner is away: a third node has the bundle', async () => {
    await inWorld({ seed: 102 }, async (world) => {
      const alice = await world.person('alice')
      const carol = await world.person('carol')
      await world.pass(5_000)
      const card = await alice.card()
      await world.run(alice.close())
      const bob = await world.person('bob')
      const added = await bob.add(card)
      assert.equal(added.session, 'waiting-for-bundle')
      const message = await bob.say(alice, 'Are you there?')
      await world.until(() => bob.statusOf(message) === 'sent', 60_000)
      await alice.open()
      await world.until(() => bob.statusOf(message) === 'delivered')
      assert.deepEqual(alice.heard, ['Are you there?'])
      assert.deepEqual(await carol.messenger.contacts.list(), [], 'whoever carried it learned of nobody')
    })
  })

  it('keeps text until the owner of a short card appears', async () => {
    await inWorld({ seed: 103 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card()
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      const message = await bob.say(alice, 'When you are back')
      await world.pass(DAY)
      assert.equal(bob.statusOf(message), 'queued')
      await alice.open()
      await world.until(() => bob.statusOf(message) === 'delivered')
      assert.deepEqual(alice.heard, ['When you are back'])
    })
  })

  it('works with a full card while its owner is away, with nobody else there', async () => {
    await inWorld({ seed: 104 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card({ size: 'full' })
      await world.run(alice.close())
      const bob = await world.person('bob')
      assert.notEqual((await bob.add(card)).session, 'waiting-for-bundle')
      await bob.say(alice, 'one')
      await bob.say(alice, 'two')
      await world.pass(3_600_000)
      await alice.open()
      await world.until(() => alice.inbox.length === 2)
      assert.deepEqual(alice.heard, ['one', 'two'])
      assertNoKeyTwice(world.published)
    })
  })

  it('works with a reusable card, for a proof of work', async function () {
    this.timeout(120_000)
    await inWorld({ seed: 105 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      const card = await alice.card({ reusable: true })
      await bob.add(card)
      const message = await bob.say(alice, 'I have your card')
      await world.until(() => bob.statusOf(message) === 'delivered')
      assert.equal((await alice.contact(bob)).origin, 'hello')
      const answer = await alice.say(bob, 'Welcome')
      await world.until(() => alice.statusOf(answer) === 'delivered')
      await assertSameHistory(alice, bob, ['I have your card', 'Welcome'])
      assertNoKeyTwice(world.published)
    })
  })

  it('does not let a second person use an invite', async () => {
    await inWorld({ seed: 106 }, async (world) => {
      const [alice, bob, mallory] = [
        await world.person('alice'),
        await world.person('bob'),
        await world.person('mallory')
      ]
      const card = await alice.card({ size: 'full' })
      await bob.add(card)
      const message = await bob.say(alice, 'It is me')
      await world.until(() => bob.statusOf(message) === 'delivered')
      await mallory.add(card)
      const forged = await mallory.say(alice, 'No, it is me')
      await world.pass(60_000)
      assert.equal(mallory.statusOf(forged), 'sent')
      assert.deepEqual(alice.heard, ['It is me'])
      assert.equal((await alice.messenger.contacts.list()).length, 1)
      assert.ok(alice.refused.includes('invite-used'), alice.refused.join())
      // Bob, whose invite it is, is not disturbed.
      const again = await bob.say(alice, 'Still me')
      await world.until(() => bob.statusOf(again) === 'delivered')
    })
  })

  it('converges when both add each other and write at once', async () => {
    for (const seed of [107, 207, 307, 407]) {
      await inWorld({ seed }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        const [hers, his] = [await alice.card({ size: 'full' }), await bob.card({ size: 'full' })]
        await alice.add(his)
        await bob.add(hers)
        const sends = [alice.messenger, bob.messenger].map(async (messenger, at) => {
          const { conversationId } = await messenger.contacts.get((at === 0 ? bob : alice).id)
          return await Promise.all(
            ['1', '2', '3'].map((text) =>
              messenger.send(conversationId, `${messenger.identity.name} ${text}`)
            )
          )
        })
        await world.run(Promise.all(sends))
        await world.until(() => alice.inbox.length === 3 && bob.inbox.length === 3)
        for (let round = 0; round < 5; round++) {
          const [one, other] = [await alice.say(bob, `a${round}`), await bob.say(alice, `b${round}`)]
          await world.until(
            () => alice.statusOf(one) === 'delivered' && bob.statusOf(other) === 'delivered',
            10_000
          )
        }
        await assertSameHistory(alice, bob)
        assertNoKeyTwice(world.published)
        assert.deepEqual([alice.changes, bob.changes], [[], []])
      })
    }
  })

  it('takes a card again from a person known already', async () => {
    await inWorld({ seed: 108 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const before = await bob.contact(alice)
      const after = await bob.add(await alice.card())
      assert.deepEqual([after.id, after.addedAt, after.session], [before.id, before.addedAt, 'established'])
      const message = await bob.say(alice, 'Still here')
      await world.until(() => bob.statusOf(message) === 'delivered')
      await assertSameHistory(alice, bob)
    })
  })

  it('of somebody who lost a card is repeated for as long as it takes, and within 64 messages', async () => {
    await inWorld({ seed: 109 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card({ size: 'full' })
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      const texts = Array.from({ length: 150 }, (_, n) => `m${n}`)
      await bob.sayApart(alice, texts)
      await alice.open()
      await world.until(() => alice.inbox.length === texts.length)
      assert.deepEqual(alice.heard, texts)
      await assertSameHistory(alice, bob, texts)
      assertNoKeyTwice(world.published)
    })
  })
})

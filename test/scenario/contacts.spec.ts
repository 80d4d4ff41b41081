import assert from 'node:assert/strict'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { textOf } from '../../src/simulator/person.js'
import { twinOf } from '../support/messenger-twin.js'
import { inWorld } from '../../src/simulator/world.js'

describe('a contact', () => {
  it('that is blocked is neither heard nor written to, and is heard again when it is not', async () => {
    await inWorld({ seed: 501 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const blocked = await world.run(alice.messenger.contacts.block(bob.id))
      assert.equal(blocked.blocked, true)
      await assert.rejects(alice.say(bob, 'not to you'), { code: 'CONTACT_BLOCKED' })
      const unheard = await bob.say(alice, 'Do you hear me?')
      await world.pass(60_000)
      assert.equal(bob.statusOf(unheard), 'sent', 'the blocked do not learn that they are')
      assert.equal(alice.inbox.length, 1)
      await alice.restart()
      await world.run(alice.messenger.contacts.block(bob.id, false))
      await world.until(() => bob.statusOf(unheard) === 'delivered', 600_000)
      const answer = await alice.say(bob, 'Now I do')
      await world.until(() => alice.statusOf(answer) === 'delivered')
      await assertSameHistory(alice, bob)
      assertNoKeyTwice(world.published)
    })
  })

  it('that was removed is forgotten, and can be met again', async () => {
    for (const seed of [502, 503, 504, 505, 506]) {
      await inWorld({ seed }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await befriend(world, alice, bob)
        await bob.say(alice, 'before')
        await world.until(() => alice.inbox.length === 2)
        await world.run(alice.messenger.contacts.remove(bob.id))
        assert.deepEqual(await alice.messenger.contacts.list(), [])
        await assert.rejects(alice.contact(bob), { code: 'UNKNOWN_CONTACT' })
        if (seed % 2 === 0) await alice.restart()
        assert.deepEqual(await alice.messenger.conversations.list(), [])
        const meanwhile = await bob.say(alice, 'Where are you?')
        await world.pass(30_000)
        assert.equal(bob.statusOf(meanwhile), 'sent')
        await alice.add(await bob.card())
        const again = await alice.say(bob, 'It is me again')
        await world.until(() => alice.statusOf(again) === 'delivered', 60_000)
        assert.deepEqual((await alice.history(bob)).map(textOf).slice(0, 1), ['It is me again'])
        const answer = await bob.say(alice, 'Welcome back')
        await world.until(() => bob.statusOf(answer) === 'delivered', 60_000)
        await world.until(() => bob.statusOf(meanwhile) === 'delivered', 600_000)
        await alice.restart()
        const last = await alice.say(bob, 'Still here')
        await world.until(() => alice.statusOf(last) === 'delivered', 60_000)
        assertNoKeyTwice(world.published)
      })
    }
  })

  it('that was removed can be met again with its old card, whether it had answered or not', async () => {
    for (const answered of [true, false]) {
      await inWorld({ seed: answered ? 513 : 514 }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        const card = await alice.card({ size: 'full' })
        if (!answered) await world.run(alice.close())
        await bob.add(card)
        const before = await bob.say(alice, 'before')
        if (answered) await world.until(() => bob.statusOf(before) === 'delivered', 60_000)
        else await world.pass(60_000)
        await world.run(bob.messenger.contacts.remove(alice.id))
        if (answered) await bob.restart()
        else await alice.open()
        const meanwhile = answered ? await alice.say(bob, 'Where are you?') : undefined
        await world.pass(60_000)
        await bob.add(card)
        const again = await bob.say(alice, 'It is me again')
        await world.until(() => bob.statusOf(again) === 'delivered', 600_000)
        await world.until(() => meanwhile === undefined || alice.statusOf(meanwhile) === 'delivered', 600_000)
        assert.equal((await alice.contact(bob)).origin, 'invite')
        assertNoKeyTwice(world.published)
      })
    }
  })

  it('that was removed and met again at once keeps its conversation', async () => {
    await inWorld({ seed: 507 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const card = await bob.card({ size: 'full' })
      const { conversationId } = await alice.contact(bob)
      await world.run(
        Promise.all([
          alice.messenger.send(conversationId, 'farewell'),
          alice.messenger.contacts.remove(bob.id),
          alice.messenger.contacts.add(card)
        ])
      )
      const again = await alice.say(bob, 'hello again')
      await world.until(() => alice.statusOf(again) === 'delivered', 60_000)
      assert.deepEqual((await alice.history(bob)).map(textOf), ['hello again'])
      await alice.restart()
      await world.eventually(
        'told',
        async () => (await alice.messenger.status()).outbox.messages === 0,
        10_000
      )
      assert.deepEqual((await alice.history(bob)).map(textOf), ['hello again'])
    })
  })

  it('whose device key changed is not written to until the change is accepted', async () => {
    await inWorld({ seed: 508 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(alice.messenger.contacts.verify(bob.id))
      const before = await alice.messenger.contacts.safetyNumber(bob.id)
      await bob.crash()
      const waiting = await alice.say(bob, 'to whom?')
      bob.store = await twinOf(bob, world.random('twin'))
      await bob.open()
      await bob.add(await alice.card({ size: 'full' }))
      await bob.say(alice, 'I am bob, really')
      await world.until(() => alice.changes.length > 0)
      assert.deepEqual(alice.changes, ['device-key'])
      const changed = await alice.contact(bob)
      assert.deepEqual([changed.change, changed.verified], ['device-key', false])
      await assert.rejects(alice.say(bob, 'no'), { code: 'IDENTITY_CHANGED' })
      assert.notEqual(await alice.messenger.contacts.safetyNumber(bob.id), before)
      assert.equal(
        await alice.messenger.contacts.safetyNumber(bob.id),
        await bob.messenger.contacts.safetyNumber(alice.id)
      )
      await alice.restart()
      assert.equal((await alice.contact(bob)).change, 'device-key')
      assert.equal(alice.heard.includes('I am bob, really'), false)
      const accepted = await world.run(alice.messenger.contacts.acceptChange(bob.id))
      assert.deepEqual([accepted.change, accepted.verified], [undefined, false])
      const after = await alice.say(bob, 'Hello, bob with a new device')
      await world.until(() => alice.statusOf(after) === 'delivered', 600_000)
      await world.until(() => alice.statusOf(waiting) === 'delivered', 600_000)
      await world.until(() => alice.heard.includes('I am bob, really'), 600_000)
    })
  })

  it('that contradicts itself is not written to until that is accepted', async () => {
    await inWorld({ seed: 509 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.pass(1_000)
      // Somebody has a copy of Bob's device and issues prekeys of its own.
      const copy = await bob.backup()
      await world.pass(1_010 - (world.clock.now() % 1_000))
      const rotatedAt = world.clock.now()
      await world.run(bob.messenger.identity.rotatePrekeys())
      const told = await bob.say(alice, 'with new prekeys')
      await world.until(() => bob.statusOf(told) === 'delivered')
      await world.pass(1_000)
      assert.deepEqual(alice.changes, [])
      await bob.crash()
      bob.store = copy
      bob.clockOffset = rotatedAt + 300 - world.clock.now()
      await bob.open()
      await world.run(bob.messenger.identity.rotatePrekeys())
      await alice.add(await bob.card({ size: 'full' }))
      assert.deepEqual(alice.changes, ['equivocation'])
      await assert.rejects(alice.say(bob, 'to which of you?'), { code: 'IDENTITY_CHANGED' })
      await world.run(alice.messenger.contacts.acceptChange(bob.id))
      assert.equal((await alice.contact(bob)).change, undefined)
    })
  })

  it('is not disturbed by rotating prekeys twice at once', async () => {
    await inWorld({ seed: 510 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const { identity } = bob.messenger
      await world.run(
        Promise.all([identity.rotatePrekeys(), identity.rotatePrekeys(), bob.card({ size: 'full' })])
      )
      const message = await bob.say(alice, 'with newer prekeys')
      await world.until(() => bob.statusOf(message) === 'delivered')
      await alice.add(await bob.card({ size: 'full' }))
      await world.pass(10_000)
      assert.deepEqual(alice.changes, [])
    })
  })

  it('who gives another card while the first waits in vain is reached by that', async () => {
    await inWorld({ seed: 511 }, async (world) => {
      const [alice, bob, mallory] = [
        await world.person('alice'),
        await world.person('bob'),
        await world.person('mallory')
      ]
      const stolen = await alice.card({ size: 'full' })
      await mallory.add(stolen)
      const theft = await mallory.say(alice, 'I have it')
      await world.until(() => mallory.statusOf(theft) === 'delivered')
      await bob.add(stolen)
      const message = await bob.say(alice, 'Somebody was faster')
      await world.pass(10_000)
      assert.equal(bob.statusOf(message), 'sent')
      await bob.add(await alice.card({ size: 'full' }))
      await world.until(() => bob.statusOf(message) === 'delivered', 60_000)
    })
  })

  it('is reached also after a card of it was added that somebody else has used', async () => {
    await inWorld({ seed: 912 }, async (world) => {
      const [alice, bob, carol] = [
        await world.person('alice'),
        await world.person('bob'),
        await world.person('carol')
      ]
      await befriend(world, alice, bob)
      const used = await alice.card({ size: 'full' })
      await carol.add(used)
      const first = await carol.say(alice, 'I was faster')
      await world.until(() => carol.statusOf(first) === 'delivered')
      await bob.add(used)
      // From now on nothing is sent on the session they had.
      await world.run(bob.messenger.identity.renew())
      const message = await bob.say(alice, 'You know me')
      await world.until(() => bob.statusOf(message) === 'delivered', 3_600_000)
      assert.ok(alice.refused.includes('invite-used'))
      assertNoKeyTwice(world.published)
    })
  })

  it('that was removed and met again by an old card answers, though it has taken a new incarnation since', async () => {
    await inWorld({ seed: 1013 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      const old = await alice.card({ size: 'full' })
      await befriend(world, bob, alice)
      await world.run(alice.messenger.identity.renew())
      for (const [by, to] of [
        [alice, bob],
        [bob, alice]
      ] as const) {
        const message = await by.say(to, 'On a new session')
        await world.until(() => by.statusOf(message) === 'delivered')
      }
      await world.run(bob.messenger.contacts.remove(alice.id))
      await bob.add(old)
      const again = await bob.say(alice, 'Here I am again')
      await world.until(() => alice.heard.includes('Here I am again'))
      const answer = await alice.say(bob, 'And I am here')
      await world.until(() => alice.statusOf(answer) === 'delivered', 3_600_000)
      await world.until(() => bob.statusOf(again) === 'delivered', 3_600_000)
      assertNoKeyTwice(world.published)
    })
  })

  it('that was removed and met again, however often, is called as it calls itself now', async () => {
    await inWorld({ seed: 515 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      for (const name of ['Bob', 'Bobby', 'Robert', 'Rob']) {
        await world.run(bob.messenger.contacts.remove(alice.id))
        await bob.add(await alice.card({ size: 'full' }))
        await world.pass(1_000)
        await world.run(bob.messenger.identity.rename(name))
        const message = await bob.say(alice, `I am ${name}`)
        await world.until(() => bob.statusOf(message) === 'delivered', 60_000)
        await world.eventually(`called ${name}`, async () => (await alice.contact(bob)).name === name, 60_000)
      }
      assertNoKeyTwice(world.published)
    })
  })

  it('that was removed and met again by a reusable card is heard at once', async () => {
    await inWorld({ seed: 516 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(bob.messenger.contacts.remove(alice.id))
      const meanwhile = await alice.say(bob, 'Where are you?')
      await world.pass(1_000)
      await bob.add(await alice.card({ size: 'full', reusable: true }))
      await world.until(() => alice.statusOf(meanwhile) === 'delivered', 60_000)
      assertNoKeyTwice(world.published)
    })
  })
})

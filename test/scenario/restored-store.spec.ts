import assert from 'node:assert/strict'
import type { RenewalReason } from '../../src/index.js'
import { assertNoKeyTwice, befriend as meet } from '../support/messenger-checks.js'
import type { Disk } from '../../src/simulator/disk.js'
import type { Person } from '../../src/simulator/person.js'
import { textOf } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'

const DAY = 24 * 3_600_000

/** Both have spoken, and hold a card of the other, so that a session begun anew costs no proof of work. */
async function befriend(world: World, alice: Person, bob: Person): Promise<void> {
  await meet(world, alice, bob)
  await alice.add(await bob.card())
  await bob.add(await alice.card())
  await world.pass(1_000)
}

/** Bob goes on for a while after his store was copied. */
async function goOn(world: World, alice: Person, bob: Person, messages: number): Promise<Disk> {
  const old = await bob.backup()
  for (let n = 0; n < messages; n++) {
    await bob.say(alice, `lost to bob ${String(n)}`)
    const answer = await alice.say(bob, `also lost ${String(n)}`)
    await world.until(() => alice.statusOf(answer) === 'delivered')
  }
  return old
}

/** Bob goes on for a while, and then has the store he had before. */
async function rollBack(
  world: World,
  alice: Person,
  bob: Person,
  messages: number,
  restored: boolean
): Promise<void> {
  const old = await goOn(world, alice, bob, messages)
  await bob.crash()
  await world.pass(5_000)
  bob.store = old
  await bob.open({ restored })
}

async function statusIn(sender: Person, receiver: Person, id: string): Promise<string | undefined> {
  return (await sender.history(receiver)).find((message) => message.id === id)?.status
}

async function hasText(receiver: Person, sender: Person, text: string): Promise<boolean> {
  return (await receiver.history(sender)).some((got) => !got.own && textOf(got) === text)
}

async function renewalOf(person: Person): Promise<RenewalReason | undefined> {
  return (await person.messenger.status()).renewal?.reason
}

/** No nonce was used twice, whatever became of the keys. */
function assertNoNonceTwice(world: World): void {
  const [nonces, bytes] = [new Set<string>(), new Set<string>()]
  for (const { envelope } of world.published) {
    nonces.add(Buffer.from(envelope.subarray(4, 32)).toString('hex'))
    bytes.add(Buffer.from(envelope).toString('hex'))
  }
  assert.equal(nonces.size, bytes.size)
}

describe('an old copy of a store', () => {
  for (const restored of [true, false]) {
    const known = restored ? 'that the app knows of' : 'that nobody notices'
    for (const messages of [1, 10]) {
      it(`${known}, from ${String(messages)} messages ago, neither ends the conversation nor claims what is not so`, async function () {
        this.timeout(60_000)
        await inWorld({ seed: 800 + messages }, async (world) => {
          const [alice, bob] = [await world.person('alice'), await world.person('bob')]
          await befriend(world, alice, bob)
          await rollBack(world, alice, bob, messages, restored)
          const [hers, his] = [await alice.say(bob, 'Is all well?'), await bob.say(alice, 'I lost some')]
          await world.pass(2 * DAY)
          for (const [sender, message, receiver] of [
            [alice, hers, bob],
            [bob, his, alice]
          ] as const) {
            assert.ok(await hasText(receiver, sender, textOf(message)), `${textOf(message)} never arrived`)
            assert.equal(await statusIn(sender, receiver, message.id), 'delivered')
          }
          // What Bob wrote and lost is still what Alice has, beside what he wrote afterwards.
          const texts = (await alice.history(bob)).map(textOf)
          for (let n = 0; n < messages; n++) assert.ok(texts.includes(`lost to bob ${String(n)}`))
          assert.equal(new Set((await alice.history(bob)).map(({ id }) => id)).size, texts.length)
          await alice.restart()
          const last = await bob.say(alice, 'Better now')
          await world.until(() => bob.statusOf(last) === 'delivered')
          assertNoNonceTwice(world)
          if (restored) assertNoKeyTwice(world.published)
        })
      })
    }
  }

  it('goes on under a new incarnation when the app says what it is: contacts are told, and nothing waits for a timeout', async () => {
    await inWorld({ seed: 820 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const before = world.published.length
      await rollBack(world, alice, bob, 5, true)
      assert.equal(await renewalOf(bob), 'restored')
      assert.ok(world.published.length > before)
      // Nobody says a word: Alice learns of it by a hello without text.
      await world.pass(10_000)
      const told = world.published.length
      const hers = await alice.say(bob, 'Is all well?')
      await world.until(() => alice.statusOf(hers) === 'delivered', 5_000)
      assert.ok(world.published.length - told < 10)
      const his = await bob.say(alice, 'All is well')
      await world.until(() => bob.statusOf(his) === 'delivered', 5_000)
      assertNoKeyTwice(world.published)
      await bob.restart()
      assert.equal(await renewalOf(bob), 'restored')
      assert.equal((await bob.messenger.status()).contested, false)
    })
  })

  it('seals again what waited in it, once and under the same ids, and what had arrived is not heard twice', async () => {
    await inWorld({ seed: 821 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      world.hub.partition([['alice'], ['bob']])
      await world.pass(20_000)
      const waiting = [await bob.say(alice, 'waits 0'), await bob.say(alice, 'waits 1')]
      const old = await bob.backup()
      world.hub.heal()
      await world.until(() => waiting.every((message) => bob.statusOf(message) === 'delivered'))
      await world.pass(5_000)
      await bob.crash()
      bob.store = old
      bob.updates.length = 0
      await bob.open({ restored: true })
      await world.until(() => waiting.every((message) => bob.statusOf(message) === 'delivered'))
      assert.deepEqual(
        alice.heard.filter((text) => text.startsWith('waits')),
        ['waits 0', 'waits 1']
      )
      for (const { id } of waiting) {
        assert.ok((await alice.history(bob)).some((message) => message.id === id))
      }
      assertNoKeyTwice(world.published)
    })
  })

  it('takes no receipt for what it lost as one for what it sends since', async () => {
    await inWorld({ seed: 822 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await rollBack(world, alice, bob, 10, true)
      await world.pass(10_000)
      // Nothing of his arrives, but she reads what came before: her receipt names all that he lost.
      world.hub.cut('bob', 'alice')
      const messages = await bob.sayApart(
        alice,
        Array.from({ length: 10 }, (_, n) => `on its way ${String(n)}`)
      )
      const heard = (await bob.contact(alice)).heardAt ?? 0
      await alice.markRead(bob)
      await world.eventually('heard of her', async () => ((await bob.contact(alice)).heardAt ?? 0) > heard)
      await world.pass(10_000)
      for (const message of messages) assert.notEqual(await statusIn(bob, alice, message.id), 'delivered')
      world.hub.heal()
      await world.until(() => messages.every((message) => bob.statusOf(message) === 'delivered'))
      for (const message of messages) assert.ok(await hasText(alice, bob, textOf(message)))
    })
  })

  it('is found out by a receipt for what was sent after it, and renewed', async () => {
    await inWorld({ seed: 823 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      world.hub.partition([['alice'], ['bob']])
      await world.pass(20_000)
      await bob.say(alice, 'before the copy')
      const old = await bob.backup()
      await bob.sayApart(alice, ['lost to bob 0', 'lost to bob 1'])
      world.hub.heal()
      await world.until(() => alice.inbox.length === 4)
      await world.pass(5_000)
      await bob.crash()
      // What was under way in the copy goes out again, and is acknowledged together with what came after it.
      bob.store = old
      await bob.open()
      await world.until(() => bob.copies.length > 0)
      assert.deepEqual(bob.copies, [{ reason: 'receipt', renewed: true }])
      const his = await bob.say(alice, 'I am')
      await world.until(() => bob.statusOf(his) === 'delivered')
      assert.ok(await hasText(alice, bob, 'I am'))
      assertNoKeyTwice(world.published)
    })
  })

  it('ends in a state that both can see when it runs beside the original', async () => {
    await inWorld({ seed: 824 }, async (world) => {
      const [alice, bob, clone] = [
        await world.person('alice'),
        await world.person('bob'),
        await world.person('clone')
      ]
      await befriend(world, alice, bob)
      const copy = await bob.backup()
      await world.pass(5_000)
      await clone.crash()
      clone.store = copy
      await clone.open({ restored: true })
      assert.equal(clone.id, bob.id)
      await world.pass(60_000)
      const messages = [
        [bob, await bob.say(alice, 'of the one')],
        [clone, await clone.say(alice, 'of the other')]
      ] as const
      await world.pass(30 * 3_600_000)
      // Each has found the other: one was renewed last and is written to, the other says that it is contested.
      const [one, other] = [await bob.messenger.status(), await clone.messenger.status()]
      assert.deepEqual([one.contested, other.contested].toSorted(), [false, true])
      assert.equal(one.renewal?.reason, 'bundle')
      assert.deepEqual(clone.copies, [{ reason: 'bundle', renewed: false }])
      // Neither loses a word without saying so, and neither claims a delivery that was none.
      for (const [sender, message] of messages) {
        const arrived = await hasText(alice, bob, textOf(message))
        if ((await statusIn(sender, alice, message.id)) === 'delivered') assert.ok(arrived)
        else assert.ok(sender === clone, 'only who is contested may wait in vain')
      }
      // Its user decides for the other, for good.
      await bob.crash()
      await world.run(clone.messenger.identity.renew(), 600_000)
      const last = await clone.say(alice, 'the only one')
      await world.until(() => clone.statusOf(last) === 'delivered')
      assert.equal((await clone.messenger.status()).contested, false)
      assertNoNonceTwice(world)
    })
  })
})

describe('a new incarnation, with nobody’s card at hand,', () => {
  it('is known to a contact though a receipt for the message in its one hello came on an older session first', async () => {
    await inWorld({ seed: 825 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await meet(world, alice, bob)
      world.hub.cut('bob', 'alice')
      const before = await alice.say(bob, 'before')
      await world.until(() => bob.heard.includes('before'))
      world.hub.cut('alice', 'bob')
      await world.run(alice.messenger.identity.renew())
      const after = await alice.say(bob, 'after')
      world.hub.heal('bob', 'alice')
      await bob.markRead(alice)
      await world.until(() => alice.statusOf(before) === 'read')
      world.hub.heal()
      await world.until(() => alice.statusOf(after) === 'delivered', 60_000)
      const answer = await bob.say(alice, 'Who are you now?')
      await world.until(() => bob.statusOf(answer) === 'delivered', 60_000)
      await world.eventually(
        'is let go',
        async () => (await alice.messenger.status()).outbox.messages === 0,
        60_000
      )
      assertNoKeyTwice(world.published)
    })
  })

  it('leaves nothing sealed for a session that the contact began as well, and of which neither makes use', async () => {
    // Whose session is used, chance decides: hers with the first seed, his with the other.
    for (const seed of [826, 827])
      await inWorld({ seed }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await meet(world, alice, bob)
        world.hub.cut('bob', 'alice')
        await alice.say(bob, 'before')
        await world.until(() => bob.heard.includes('before'))
        world.hub.cut('alice', 'bob')
        // So that his hello tells that it came.
        await bob.markRead(alice)
        await world.run(bob.messenger.identity.renew())
        await alice.add(await bob.card({ size: 'full', reusable: true }))
        await world.pass(100)
        const after = await alice.say(bob, 'after')
        world.hub.heal('bob', 'alice')
        await world.until(() => alice.updates.some(({ status }) => status === 'read'))
        world.hub.heal()
        await world.until(() => alice.statusOf(after) === 'delivered', 60_000)
        const answer = await bob.say(alice, 'Who are you now?')
        await world.until(() => bob.statusOf(answer) === 'delivered', 60_000)
        assertNoKeyTwice(world.published)
      })
  })

  it('answers a hello to the former one at once: it asks who said it for a bundle', async () => {
    await inWorld({ seed: 830 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await world.run(alice.messenger.stop())
      await alice.add(await bob.card({ size: 'full' }))
      const message = await alice.say(bob, 'Moin')
      await world.run(bob.messenger.identity.renew())
      await world.run(alice.messenger.start())
      await world.until(() => alice.statusOf(message) === 'delivered', 60_000)
      const answer = await bob.say(alice, 'Moin')
      await world.until(() => bob.statusOf(answer) === 'delivered', 60_000)
      assertNoKeyTwice(world.published)
    })
  })
})

import assert from 'node:assert/strict'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { textOf } from '../../src/simulator/person.js'
import { inWorld } from '../../src/simulator/world.js'

const DAY = 24 * 60 * 60 * 1000

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name} ${String(n)}`)
}

describe('what waits for somebody', () => {
  it('is more than may be under way, and arrives in order', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 401 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(bob.close())
      const texts = [...numbered('m', 1_300), ...numbered('together', 1_300)]
      await alice.sayApart(bob, texts.slice(0, 1_300))
      await alice.sayAll(bob, texts.slice(1_300))
      // Killed with all of it waiting, too.
      await alice.crash()
      await alice.open()
      assert.ok((await alice.messenger.status()).outbox.messages >= 2_600)
      await world.pass(1_000)
      await bob.open()
      await world.until(() => bob.inbox.length === 2_601, 60_000)
      assert.deepEqual(
        (await bob.history(alice))
          .filter(({ own }) => !own)
          .map(textOf)
          .slice(1),
        texts
      )
      await world.eventually(
        'acknowledged',
        async () => (await alice.messenger.status()).outbox.messages === 0
      )
      await assertSameHistory(alice, bob)
      assertNoKeyTwice(world.published)
    })
  })

  it('expires after its lifetime and is no longer sent', async () => {
    await inWorld({ seed: 402 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(bob.close())
      const brief = await alice.say(bob, 'only today', { lifetime: 3_600_000 })
      const lasting = await alice.say(bob, 'for a month', { lifetime: 28 * DAY })
      await world.pass(4 * DAY)
      assert.equal(alice.statusOf(brief), 'expired')
      assert.equal(alice.statusOf(lasting), 'queued')
      await alice.restart()
      const [, , first, second] = await alice.history(bob)
      assert.deepEqual([first?.status, second?.status], ['expired', 'queued'])
      await bob.open()
      await world.until(() => alice.statusOf(lasting) === 'delivered')
      assert.deepEqual(bob.heard, ['Hello bob', 'for a month'])
      await world.eventually('told', async () => (await alice.messenger.status()).outbox.messages === 0)
    })
  })

  it('expires too while no session exists', async () => {
    await inWorld({ seed: 403 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card()
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      const message = await bob.say(alice, 'nobody will read this')
      await world.pass(9 * DAY)
      assert.equal(bob.statusOf(message), 'expired')
      assert.equal((await bob.messenger.status()).outbox.messages, 0)
    })
  })

  it('leaves the air to others where two of them keep it, and is repeated where nobody does', async () => {
    const counts = { kept: 0, alone: 0 }
    for (const situation of ['kept', 'alone'] as const)
      await inWorld({ seed: 409 }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await befriend(world, alice, bob)
        const carrier = situation === 'kept'
        for (const name of ['carol', 'dave']) await world.person(name, { messenger: { carrier } })
        await world.run(bob.close())
        const message = await alice.say(bob, 'For when you are back')
        await world.pass(60_000)
        assert.equal(alice.statusOf(message), carrier ? 'sent' : 'queued')
        const before = world.published.length
        await world.pass(DAY)
        counts[situation] = world.published.length - before
        await bob.open()
        await world.until(() => alice.statusOf(message) === 'delivered', 10_000)
      })
    const { kept, alone } = counts
    // Every half an hour at most, and before that some doubled waits.
    assert.ok(kept <= 2 * 24 + 6, `${kept} times in a day`)
    assert.ok(alone > (24 * 60) / 6.25 - 6, `${alone} times in a day`)
  })

  it('tells each step of the way once, in order', async () => {
    await inWorld({ seed: 404 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const message = await alice.say(bob, 'Mind the steps')
      assert.equal(message.status, 'queued')
      await world.until(() => alice.statusOf(message) === 'delivered')
      assert.equal((await bob.messenger.conversations.direct(alice.id)).unread, 2)
      await bob.markRead(alice)
      assert.equal((await bob.messenger.conversations.direct(alice.id)).unread, 0)
      await world.until(() => alice.statusOf(message) === 'read')
      const steps = alice.updates.filter(({ id }) => id === message.id).map(({ status }) => status)
      // Delivered before anybody else has said to hold it.
      assert.deepEqual(steps, ['delivered', 'read'])
      assert.deepEqual(
        (await bob.history(alice)).filter(({ own }) => !own).map(({ status }) => status),
        ['read', 'read']
      )
    })
  })

  it('is read at last though what says so is lost at first', async () => {
    await inWorld({ seed: 405 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const message = await alice.say(bob, 'Did you read it?')
      await world.until(() => alice.statusOf(message) === 'delivered')
      world.hub.cut('bob', 'alice')
      await bob.markRead(alice)
      await world.pass(5_000)
      world.hub.heal()
      await world.until(() => alice.statusOf(message) === 'read', 60_000)
    })
  })

  it('is as large as a message may be, in a first hello and after it', async () => {
    await inWorld({ seed: 406 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await bob.add(await alice.card({ size: 'full' }))
      const large = 'x'.repeat(30_720)
      const first = await bob.say(alice, large)
      await world.until(() => bob.statusOf(first) === 'delivered')
      const second = await alice.say(bob, large)
      await world.until(() => alice.statusOf(second) === 'delivered')
      assert.deepEqual((await alice.history(bob)).map(textOf), [large, large])
      await assert.rejects(alice.say(bob, `${large}x`), { code: 'TOO_LARGE' })
    })
  })

  it('is any well-formed text, to the letter', async () => {
    await inWorld({ seed: 408 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const texts = ['\ufeffwith a mark', '\0', '  spaces \n', '👩‍👩‍👧 ǆ ﷽', '\u202eright to left', 'é versus é']
      await alice.sayAll(bob, texts)
      await world.until(() => bob.inbox.length === texts.length + 1)
      assert.deepEqual(bob.heard.slice(1), texts)
      assert.deepEqual((await bob.history(alice)).map(textOf).slice(2), texts)
    })
  })

  it('is bytes of a media type as well as text', async () => {
    await inWorld({ seed: 407 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const { conversationId } = await alice.contact(bob)
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const content = { kind: 'data', mediaType: 'application/octet-stream', bytes } as const
      const sending = alice.messenger.send(conversationId, content)
      // The caller may use its array again.
      bytes.fill(0)
      await world.run(sending)
      await world.until(() => bob.inbox.length === 2)
      assert.deepEqual(bob.inbox[1]?.content, {
        ...content,
        bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte)
      })
    })
  })
})

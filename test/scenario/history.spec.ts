import assert from 'node:assert/strict'
import type { Message } from '../../src/index.js'
import { assertSameHistory, befriend } from '../support/messenger-checks.js'
import { textOf, type Person } from '../../src/simulator/person.js'
import { inWorld } from '../../src/simulator/world.js'

/** Read a conversation live into a list, until told to stop. */
function follow(
  person: Person,
  id: Message['conversationId'],
  limit?: number
): { readonly messages: Message[]; stop(): Promise<void> } {
  const aborter = new AbortController()
  const messages: Message[] = []
  const options = { live: true, signal: aborter.signal, ...(limit === undefined ? {} : { limit }) }
  const reading = (async () => {
    for await (const message of person.messenger.conversations.messages(id, options)) messages.push(message)
  })()
  return {
    messages,
    stop: async () => {
      aborter.abort()
      await reading
    }
  }
}

describe('a history', () => {
  it('has concurrent messages in the same order on both sides, and late ones where they belong', async () => {
    for (const seed of [701, 702, 703]) {
      await inWorld({ seed }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await befriend(world, alice, bob)
        world.hub.partition([['alice'], ['bob']])
        for (let n = 0; n < 10; n++) {
          await alice.say(bob, `a${String(n)}`)
          await bob.say(alice, `b${String(n)}`)
        }
        await world.pass(60_000)
        world.hub.heal()
        await world.until(() => alice.inbox.length === 11 && bob.inbox.length === 11)
        const answer = await bob.say(alice, 'after all of it')
        await world.until(() => bob.statusOf(answer) === 'delivered')
        await assertSameHistory(alice, bob)
        const texts = (await alice.history(bob)).map(textOf)
        assert.equal(texts.at(-1), 'after all of it')
        for (const name of ['a', 'b']) {
          const own = texts.filter((text) => text.startsWith(name) && text.length === 2)
          assert.deepEqual(own, own.toSorted(), 'what one person wrote stays in its order')
        }
      })
    }
  })

  it('is read page by page without gaps or doubles while more arrives', async () => {
    await inWorld({ seed: 711 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await alice.sayAll(
        bob,
        Array.from({ length: 95 }, (_, n) => `m${String(n)}`)
      )
      await world.until(() => bob.inbox.length === 96)
      const { conversationId } = await bob.contact(alice)
      const pages: string[][] = []
      let before: string | undefined
      for (;;) {
        const page: Message[] = []
        const options = { limit: 10, ...(before === undefined ? {} : { before }) }
        for await (const message of bob.messenger.conversations.messages(conversationId, options))
          page.push(message)
        if (page.length === 0) break
        pages.unshift(page.map(textOf))
        before = page[0]?.position
        await alice.say(bob, `meanwhile ${String(pages.length)}`)
        await world.pass(100)
      }
      const all = (await bob.history(alice)).map(textOf).filter((text) => !text.startsWith('meanwhile'))
      assert.deepEqual(pages.flat(), all)
      assert.equal(pages.length, 10)
    })
  })

  it('goes on live from its end, each message once', async () => {
    await inWorld({ seed: 712 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const { conversationId } = await bob.contact(alice)
      // Begun while messages arrive and are sent.
      const sending = alice.sayAll(
        bob,
        Array.from({ length: 50 }, (_, n) => `first ${String(n)}`)
      )
      const reader = follow(bob, conversationId)
      const own = bob.sayAll(alice, ['mine 1', 'mine 2'])
      const second = follow(bob, conversationId, 0)
      await Promise.all([sending, own])
      await world.until(() => bob.inbox.length === 51)
      await alice.say(bob, 'last')
      await world.until(() => bob.heard.at(-1) === 'last')
      await reader.stop()
      await second.stop()
      const all = await bob.history(alice)
      assert.deepEqual(reader.messages.map(({ id }) => id).toSorted(), all.map(({ id }) => id).toSorted())
      assert.equal(new Set(second.messages.map(({ id }) => id)).size, second.messages.length)
      assert.equal(second.messages.at(-1)?.position, all.at(-1)?.position)
    })
  })

  it('that is read live ends when the reader leaves, when it is aborted and when the messenger closes', async () => {
    await inWorld({ seed: 713 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const { conversationId } = await bob.contact(alice)
      for await (const message of bob.messenger.conversations.messages(conversationId, { live: true })) {
        if (textOf(message) === 'Hello bob') break
      }
      const aborted = AbortSignal.abort()
      for await (const message of bob.messenger.conversations.messages(conversationId, {
        live: true,
        signal: aborted
      })) {
        assert.fail(textOf(message))
      }
      const reader = follow(bob, conversationId)
      await world.pass(10)
      await world.run(bob.close())
      await reader.stop()
      assert.equal(reader.messages.length, 2)
    })
  })

  it('lists conversations, the latest first, with what is unread', async () => {
    await inWorld({ seed: 714 }, async (world) => {
      const [alice, bob, carol] = [
        await world.person('alice'),
        await world.person('bob'),
        await world.person('carol')
      ]
      await befriend(world, alice, bob)
      await world.pass(10)
      await befriend(world, alice, carol)
      await world.pass(10)
      await bob.say(alice, 'news')
      await world.until(() => alice.inbox.length === 3)
      const list = await alice.messenger.conversations.list()
      assert.deepEqual(
        list.map(({ contactId, unread, lastMessage }) => [
          contactId,
          unread,
          lastMessage === undefined ? '' : textOf(lastMessage)
        ]),
        [
          [bob.id, 2, 'news'],
          [carol.id, 1, 'Hello carol']
        ]
      )
    })
  })

  it('is kept when nobody listens to any event', async () => {
    await inWorld({ seed: 715 }, async (world) => {
      const alice = await world.person('alice', { deaf: true })
      const bob = await world.person('bob', { deaf: true })
      await bob.add(await alice.card({ size: 'full' }))
      await bob.say(alice, 'anybody?')
      await world.eventually('delivered', async () => (await bob.history(alice))[0]?.status === 'delivered')
      await alice.say(bob, 'here')
      await alice.markRead(bob)
      await world.eventually('read', async () => (await bob.history(alice))[0]?.status === 'read')
      await assertSameHistory(alice, bob, ['anybody?', 'here'])
      assert.deepEqual([alice.inbox, bob.updates], [[], []])
    })
  })
})

describe('closing', () => {
  it('in the middle of everything leaves no timer, and nothing is lost', async () => {
    for (let step = 0; step < 12; step++) {
      await inWorld({ seed: 720 + step }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await befriend(world, alice, bob)
        const { conversationId } = await alice.contact(bob)
        const texts = Array.from({ length: 30 }, (_, n) => `m${String(n)}`)
        const { messenger } = alice
        const sends = texts.map((text) => messenger.send(conversationId, text))
        const others = [
          messenger.contacts.add(await bob.card()),
          messenger.identity.rotatePrekeys(),
          messenger.conversations.markRead(conversationId),
          messenger.identity.card(),
          messenger.status()
        ]
        const reader = follow(alice, conversationId)
        const outcomes = Promise.allSettled([...sends, ...others])
        await world.pass(step)
        await world.run(alice.close())
        await reader.stop()
        const settled = await world.run(outcomes)
        const kept = settled.slice(0, texts.length).flatMap((outcome, at) => {
          return outcome.status === 'fulfilled' ? [texts[at] ?? ''] : []
        })
        for (const outcome of settled) {
          if (outcome.status === 'rejected') assert.equal(errorCode(outcome.reason), 'CLOSED')
        }
        await assert.rejects(messenger.send(conversationId, 'too late'), { code: 'CLOSED' })
        await assert.rejects(messenger.start(), { code: 'CLOSED' })
        await world.run(bob.close())
        await world.pass(1_000)
        assert.equal(world.clock.pending, 0, 'no timer is left')
        await alice.open()
        const own = (await alice.history(bob)).filter((message) => message.own).map(textOf)
        for (const text of kept) assert.ok(own.includes(text), `${text} was acknowledged and is gone`)
        await bob.open()
        await world.eventually('delivered', async () =>
          (await alice.history(bob)).every(({ own: mine, status }) => !mine || status === 'delivered')
        )
        await assertSameHistory(alice, bob)
      })
    }
  })

  it('twice, or while starting and stopping, is the same', async () => {
    await inWorld({ seed: 740 }, async (world) => {
      const alice = await world.person('alice')
      const { messenger } = alice
      await world.run(
        Promise.all([
          messenger.stop(),
          messenger.start(),
          messenger.stop(),
          messenger.start(),
          messenger.stop()
        ])
      )
      assert.equal((await messenger.status()).started, false)
      await world.run(Promise.all([messenger.close(), alice.close(), messenger.stop()]))
      await world.pass(1_000)
      assert.equal(world.clock.pending, 0)
    })
  })
})

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error
}

import assert from 'node:assert/strict'
import { assertNoKeyTwice, befriend } from '../support/messenger-checks.js'
import { textOf, type Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'

/** Flip a bit of every record whose key begins with `prefix`; says how many there were. */
async function damage(person: Person, prefix: string): Promise<number> {
  let count = 0
  for await (const [key, value] of person.store.range({ gte: prefix, lt: `${prefix}~` })) {
    const at = value.length >> 1
    value[at] = (value[at] ?? 0) ^ 1
    await person.store.commit([{ type: 'put', key, value }])
    count++
  }
  return count
}

/** Alice and Bob have spoken, and then Bob's records under `prefix` are damaged while he is away and something waits for him. */
async function damaged(
  world: World,
  prefix: string
): Promise<{ readonly alice: Person; readonly bob: Person }> {
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  await bob.card()
  await befriend(world, alice, bob)
  await world.pass(1_000)
  await bob.crash()
  await alice.say(bob, 'while you are away')
  assert.ok((await damage(bob, prefix)) > 0, `nothing is stored under ${prefix}`)
  return { alice, bob }
}

async function assertTheyTalk(world: World, alice: Person, bob: Person): Promise<void> {
  const [hers, his] = [await alice.say(bob, 'Is all well?'), await bob.say(alice, 'I think so')]
  await world.until(() => alice.statusOf(hers) === 'delivered' && bob.statusOf(his) === 'delivered', 600_000)
  await world.until(() => bob.heard.includes('while you are away'), 600_000)
  const ids = bob.inbox.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, 'told of each once')
  assertNoKeyTwice(world.published)
}

describe('with damaged records of', function () {
  this.timeout(60_000)

  for (const prefix of ['conversation/', 'invite/', 'bundle/', 'seen/', 'own/prekeys']) {
    it(`${prefix} a messenger goes on`, async () => {
      await inWorld({ seed: 901 }, async (world) => {
        const { alice, bob } = await damaged(world, prefix)
        await bob.open()
        await assertTheyTalk(world, alice, bob)
        assert.equal((await bob.history(alice)).length, 5)
        assert.equal((await alice.history(bob)).length, 5)
        await bob.restart()
        await alice.restart()
        const last = await bob.say(alice, 'Still here')
        await world.until(() => bob.statusOf(last) === 'delivered', 60_000)
      })
    })
  }

  it('hello/ a messenger goes on', async () => {
    await inWorld({ seed: 907 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await alice.crash()
      await bob.say(alice, 'while you are away')
      assert.equal(await damage(alice, 'hello/'), 1)
      await alice.open()
      await assertTheyTalk(world, bob, alice)
    })
  })

  it('outbox/ a messenger goes on, and does not claim that what was in it was delivered', async () => {
    await inWorld({ seed: 908 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(alice.close())
      await bob.say(alice, 'damaged before it left')
      await bob.crash()
      assert.equal(await damage(bob, 'outbox/'), 1)
      await bob.open()
      await alice.open()
      await alice.say(bob, 'while you are away')
      await assertTheyTalk(world, alice, bob)
      const lost = (await bob.history(alice)).find((message) => textOf(message) === 'damaged before it left')
      assert.equal(lost?.status, 'queued')
    })
  })

  it('session/ a messenger begins another session by itself', async () => {
    await inWorld({ seed: 902 }, async (world) => {
      const { alice, bob } = await damaged(world, 'session/')
      await bob.open()
      assert.ok(bob.warnings.some((warning) => warning.includes('damaged')))
      // Bob says nothing: Alice's message arrives all the same.
      await world.until(() => bob.heard.includes('while you are away'), 600_000)
      await assertTheyTalk(world, alice, bob)
    })
  })

  it('message/ a history goes on without them, and the log says so', async () => {
    await inWorld({ seed: 903 }, async (world) => {
      const { alice, bob } = await damaged(world, 'message/')
      await bob.open()
      assert.deepEqual(await bob.history(alice), [])
      assert.ok(bob.warnings.some((warning) => warning.includes('"message"')))
      const [conversation] = await bob.messenger.conversations.list()
      assert.equal(conversation?.lastMessage, undefined)
      await assertTheyTalk(world, alice, bob)
      assert.equal((await bob.history(alice)).length, 3)
    })
  })

  it('contact/ whoever it was can be added again', async () => {
    await inWorld({ seed: 904 }, async (world) => {
      const { alice, bob } = await damaged(world, 'contact/')
      await bob.open()
      assert.ok(bob.warnings.some((warning) => warning.includes('"contact"')))
      assert.deepEqual(await bob.messenger.contacts.list(), [])
      await bob.add(await alice.card({ size: 'full' }))
      await assertTheyTalk(world, alice, bob)
      assert.ok(
        (await bob.history(alice)).map(textOf).includes('Hello bob'),
        'what was said before is still there'
      )
      await bob.restart()
      await assertTheyTalk(world, alice, bob)
    })
  })

  for (const prefix of ['own/identity', 'header']) {
    it(`${prefix} a messenger refuses to open and leaves everything as it is`, async () => {
      await inWorld({ seed: 905 }, async (world) => {
        const { bob } = await damaged(world, prefix)
        const before = await contents(bob)
        await assert.rejects(bob.open(), { code: 'STORE_DAMAGED' })
        assert.deepEqual(await contents(bob), before)
        // Mended, it opens.
        await damage(bob, prefix)
        await bob.open()
        assert.equal(bob.running, true)
      })
    })
  }

  it('an identity that is missing altogether, a messenger does not take another', async () => {
    await inWorld({ seed: 906 }, async (world) => {
      const { bob } = await damaged(world, 'seen/')
      await bob.store.commit([{ type: 'delete', key: 'own/identity' }])
      await assert.rejects(bob.open(), { code: 'STORE_DAMAGED' })
    })
  })
})

async function contents(person: Person): Promise<Map<string, string>> {
  const contents = new Map<string, string>()
  for await (const [key, value] of person.store.range({}))
    contents.set(key, Buffer.from(value).toString('hex'))
  return contents
}

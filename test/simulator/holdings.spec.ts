import assert from 'node:assert/strict'
import { createDisk } from '../../src/simulator/disk.js'
import { Holdings } from '../../src/simulator/holdings.js'
import { PERSON_KEY, type Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'

const UNLOCK = { kind: 'key', key: PERSON_KEY } as const

async function threePeople(world: World): Promise<[alice: Person, bob: Person, carol: Person]> {
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  const carol = await world.person('carol')
  await bob.add(await alice.card({ size: 'full' }))
  const hello = await bob.say(alice, 'hello')
  await world.until(() => bob.statusOf(hello) === 'delivered')
  return [alice, bob, carol]
}

describe('simulator/holdings', () => {
  it('sees on a disk what waits for its receipt, who else holds it, and what has arrived', async () => {
    await inWorld({ seed: 1 }, async (world) => {
      const [alice, bob, carol] = await threePeople(world)
      await alice.crash()
      const message = await bob.say(alice, 'are you there?')
      await world.until(() => bob.statusOf(message) === 'sent')
      const [ofBob, ofCarol, ofAlice] = await Promise.all(
        [bob, carol, alice].map(({ store }) => Holdings.open(store, UNLOCK))
      )
      assert.ok(ofBob && ofCarol && ofAlice)
      const item = await ofBob.waitingFor(alice.id, message.position)
      assert.ok(item !== undefined)
      assert.deepEqual([await ofCarol.holds(item), await ofAlice.holds(item)], [true, false])
      assert.equal(await ofAlice.shows(bob.id, message.id), false)
      await alice.open()
      await world.until(() => bob.statusOf(message) === 'delivered')
      assert.equal(await ofAlice.shows(bob.id, message.id), true)
      assert.equal(await ofBob.waitingFor(alice.id, message.position), undefined)
    })
  })

  it('sees what a mailbox keeps, and after its release that it has arrived', async () => {
    await inWorld({ seed: 2 }, async (world) => {
      const [, bob, carol] = await threePeople(world)
      const ofCarol = await Holdings.open(carol.store, UNLOCK)
      assert.ok(ofCarol)
      await world.pass(1_000)
      const before = await ofCarol.mailbox()
      assert.ok(before.held.size > 0)
      assert.ok([...before.held.values()].every(({ isOwn, bytes }) => !isOwn && bytes >= 512))
      // Everything of a conversation is released within half an hour, and told of with the next session.
      await world.pass(7_200_000)
      const after = await ofCarol.mailbox()
      assert.ok(after.arrived.size > 0 && after.held.size < before.held.size)
      assert.ok([...after.held.values()].every(({ tag }) => !after.arrived.has(tag)))
      assert.ok(bob.running)
    })
  })

  it('sees again what lies on the disk, though it was read before: put back, damaged, removed', async () => {
    await inWorld({ seed: 3 }, async (world) => {
      const [, , carol] = await threePeople(world)
      await world.pass(1_000)
      await carol.crash()
      const disk = await carol.backup()
      const ofCarol = await Holdings.open(disk, UNLOCK)
      assert.ok(ofCarol)
      const before = await ofCarol.mailbox()
      assert.ok(before.held.size > 0)
      const records = new Map<string, Uint8Array>()
      for await (const [key, value] of disk.range({})) if (key.startsWith('mailbox/')) records.set(key, value)
      assert.ok(records.size > 0)
      const put = (change: (value: Uint8Array) => Uint8Array): Promise<void> =>
        disk.commit([...records].map(([key, value]) => ({ type: 'put', key, value: change(value) })))
      await put((value) => value.map((byte) => byte ^ 1))
      assert.equal((await ofCarol.mailbox()).held.size, 0)
      await put((value) => value)
      assert.deepEqual(await ofCarol.mailbox(), before)
      await disk.commit([...records.keys()].map((key) => ({ type: 'delete', key })))
      assert.equal((await ofCarol.mailbox()).held.size, 0)
    })
  })

  it('writes nothing to a disk that nobody has set up', async () => {
    assert.equal(await Holdings.open(createDisk(), UNLOCK), undefined)
  })
})

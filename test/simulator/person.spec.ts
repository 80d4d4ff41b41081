import assert from 'node:assert/strict'
import { createDisk } from '../../src/simulator/disk.js'
import { inWorld } from '../../src/simulator/world.js'

describe('simulator/person', () => {
  it('comes back after a death with what its disk holds, and keeps the record of all its lives', async () => {
    await inWorld({ seed: 1 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await bob.add(await alice.card({ size: 'full' }))
      for (const death of ['kill', 'power-cut'] as const) {
        const message = await bob.say(alice, `before the ${death}`)
        await world.until(() => bob.statusOf(message) === 'delivered')
        await alice.crash(death)
        assert.equal(alice.running, false)
        assert.throws(() => alice.messenger, /alice is not running/)
        await alice.open()
      }
      assert.deepEqual(alice.heard, ['before the kill', 'before the power-cut'])
      assert.equal((await alice.history(bob)).length, 2)
    })
  })

  it('on a disk that does not sync forgets in a power cut', async () => {
    await inWorld({ seed: 2 }, async (world) => {
      const disk = createDisk({ synced: false })
      const alice = await world.person('alice', { disk })
      const { id } = alice
      await alice.crash('power-cut')
      await alice.open()
      assert.notEqual(alice.id, id)
    })
  })

  it('has a clock that can be set', async () => {
    await inWorld({ seed: 3 }, async (world) => {
      const alice = await world.person('alice', { clockOffset: 5_000 })
      assert.ok(Math.abs(alice.clockOffset - 5_000) < 1)
      alice.clockOffset = -60_000
      const contact = (await alice.messenger.status()).outbox
      assert.equal(contact.messages, 0)
      assert.ok(Math.abs(alice.clockOffset + 60_000) <= 1)
    })
  })

  it('counts how often its timers woke it', async () => {
    await inWorld({ seed: 4 }, async (world) => {
      const alice = await world.person('alice')
      const before = alice.wakes
      await world.pass(3_600_000)
      assert.ok(alice.wakes - before >= 1 && alice.wakes - before < 10, String(alice.wakes - before))
    })
  })
})

import assert from 'node:assert/strict'
import { MessengerError } from '../../src/errors.js'
import type { Network } from '../../src/network/network.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { befriend } from '../support/messenger-checks.js'

const MINUTE = 60_000

async function meet(world: World, ...groups: readonly (readonly Person[])[]): Promise<void> {
  world.hub.heal()
  world.hub.partition(groups.map((group) => group.map(({ name }) => name)))
  await world.pass(20_000)
}

/** Alice and bob are friends; carol carries above a third of her battery. */
async function three(world: World): Promise<{ alice: Person; bob: Person; carol: Person }> {
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  await befriend(world, alice, bob)
  const carol = await world.person('carol', { messenger: { power: { carryAbove: 0.33 } } })
  await world.pass(2 * MINUTE)
  return { alice, bob, carol }
}

async function power(world: World, person: Person, level: number, charging = false): Promise<boolean> {
  await world.run(person.messenger.setPower({ level, charging }))
  return (await person.messenger.status()).resting
}

describe('a device whose battery is low', () => {
  it('carries nothing, is not taken for a carrier, and carries again when it has recovered', async () => {
    await inWorld({ seed: 841 }, async (world) => {
      const { alice, bob, carol } = await three(world)
      assert.deepEqual([await power(world, carol, 0.5), await power(world, carol, 0.3)], [false, true])
      const before = (await carol.messenger.status()).mailbox.foreign
      await meet(world, [alice, carol], [bob])
      const message = await alice.say(bob, 'by hand')
      await world.pass(30 * MINUTE)
      assert.equal(alice.statusOf(message), 'queued', 'nobody has said to hold it')
      assert.ok((await carol.messenger.status()).mailbox.foreign <= before)
      await meet(world, [alice], [bob, carol])
      await world.pass(30 * MINUTE)
      assert.ok(!bob.heard.includes('by hand'))
      await meet(world, [alice, carol], [bob])
      // Only a little more is no recovery.
      assert.deepEqual([await power(world, carol, 0.35), await power(world, carol, 0.1, true)], [true, false])
      await world.until(() => alice.statusOf(message) === 'sent', 5 * MINUTE)
      await meet(world, [alice], [bob, carol])
      await world.until(() => bob.heard.includes('by hand'), 5 * MINUTE)
    })
  })

  it('passes nothing on, in gossip or from a partition to the other', async () => {
    await inWorld({ seed: 842 }, async (world) => {
      const { alice, bob, carol } = await three(world)
      for (const [one, other] of [
        ['alice', 'bob'],
        ['bob', 'alice']
      ] as const)
        world.hub.cut(one, other)
      await world.pass(20_000)
      assert.equal(await power(world, carol, 0.2), true)
      const message = await alice.say(bob, 'through carol')
      await world.pass(5 * MINUTE)
      assert.ok(!bob.heard.includes('through carol'))
      assert.equal(await power(world, carol, 0.9), false)
      await world.until(() => alice.statusOf(message) === 'delivered', 10 * MINUTE)
    })
  })

  it('sends and receives what is its own as before, and looks for news a tenth as often', async () => {
    let sessions = 0
    const wrapNetwork = (network: Network): Network => ({
      ...network,
      openStream: async (peer, protocol, options) => {
        sessions++
        return await network.openStream(peer, protocol, options)
      }
    })
    const withoutStreams = (network: Network): Network => ({
      ...network,
      openStream: () => Promise.reject(new MessengerError('NETWORK_FAILED', 'No stream is opened'))
    })
    await inWorld({ seed: 843 }, async (world) => {
      // What is new is carol's alone to look for.
      const alice = await world.person('alice', { wrapNetwork: withoutStreams })
      const carol = await world.person('carol', { wrapNetwork, messenger: { power: { carryAbove: 0.33 } } })
      await carol.add(await alice.card({ size: 'full' }))
      const opened = async (): Promise<number> => {
        const before = sessions
        for (let minute = 0; minute < 120; minute++) {
          const [to, from] = [await carol.say(alice, 'out'), await alice.say(carol, 'in')]
          await world.until(() => carol.statusOf(to) === 'delivered', 5_000)
          await world.until(() => alice.statusOf(from) === 'delivered', 5_000)
          await world.pass(MINUTE)
        }
        return sessions - before
      }
      const greeting = await carol.say(alice, 'I am carol')
      await world.until(() => carol.statusOf(greeting) === 'delivered')
      const answer = await alice.say(carol, 'Hello')
      await world.until(() => alice.statusOf(answer) === 'delivered')
      const awake = await opened()
      await power(world, carol, 0.2)
      const resting = await opened()
      assert.ok(resting > 0 && resting <= awake / 8, `${String(resting)} sessions, ${String(awake)} before`)
    })
  })

  it('is told so in numbers from 0 to 1, or not at all', async () => {
    await inWorld({ seed: 844 }, async (world) => {
      const alice = await world.person('alice')
      await assert.rejects(alice.messenger.setPower({ level: 30 }), { code: 'OPTIONS_INVALID' })
      assert.equal(await power(world, alice, 0), false, 'nothing was said of a threshold')
      await world.run(alice.close())
      await assert.rejects(alice.open({ power: { carryAbove: 30 } }), { code: 'OPTIONS_INVALID' })
      assert.ok(await alice.open({ power: { carryAbove: 1 } }))
      assert.equal((await alice.messenger.status()).resting, false, 'until something is said, it is full')
    })
  })
})

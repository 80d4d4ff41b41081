import assert from 'node:assert/strict'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { assertNoKeyTwice, assertSameHistory } from '../support/messenger-checks.js'
import { exportStick, importStick, type Stick } from '../support/parcel-stick.js'

const MINUTE = 60_000

/** Two people who have exchanged full cards, and never hear each other. */
async function apart(world: World): Promise<{ alice: Person; bob: Person }> {
  world.hub.partition([['alice'], ['bob'], ['carol'], ['dora']])
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  await bob.add(await alice.card({ size: 'full' }))
  return { alice, bob }
}

async function carry(
  world: World,
  from: Person,
  to: Person
): Promise<Awaited<ReturnType<typeof importStick>>> {
  const stick = await world.run(exportStick(from.messenger))
  return await world.run(importStick(to.messenger, stick.file))
}

describe('a file carried by hand', () => {
  it('brings a first message to somebody who was never reachable, and the next file the receipt', async () => {
    await inWorld({ seed: 901 }, async (world) => {
      const { alice, bob } = await apart(world)
      const message = await bob.say(alice, 'by stick')
      const there = await carry(world, bob, alice)
      assert.deepEqual(
        [there.taken, there.known, there.refused, there.damaged, there.complete],
        [there.read, 0, 0, 0, true]
      )
      assert.equal(there.opened, there.read)
      assert.deepEqual(alice.heard, ['by stick'])
      const answer = await alice.say(bob, 'got it')
      const back = await carry(world, alice, bob)
      assert.equal(back.complete, true)
      await world.until(() => bob.statusOf(message) === 'delivered')
      assert.deepEqual(bob.heard, ['got it'])
      await carry(world, bob, alice)
      await world.until(() => alice.statusOf(answer) === 'delivered')
      world.hub.heal()
      await world.pass(MINUTE)
      await assertSameHistory(alice, bob)
      assertNoKeyTwice(world.published)
    })
  })

  it('needs no network at all, on neither side', async () => {
    await inWorld({ seed: 902 }, async (world) => {
      const { alice, bob } = await apart(world)
      for (const person of [alice, bob]) await world.run(person.messenger.stop())
      const message = await bob.say(alice, 'switched off')
      await carry(world, bob, alice)
      assert.deepEqual(alice.heard, ['switched off'])
      await carry(world, alice, bob)
      await world.until(() => bob.statusOf(message) === 'delivered')
    })
  })

  it('may be read twice, in any order with others, and is still told of as known', async () => {
    await inWorld({ seed: 903 }, async (world) => {
      const { alice, bob } = await apart(world)
      const sticks: Stick[] = []
      for (const text of ['one', 'two', 'three']) {
        await bob.say(alice, text)
        sticks.push(await world.run(exportStick(bob.messenger)))
      }
      for (const stick of [...sticks.toReversed(), ...sticks]) {
        const report = await world.run(importStick(alice.messenger, stick.file))
        assert.equal(report.read, report.taken + report.known)
      }
      assert.deepEqual(alice.heard.toSorted(), ['one', 'three', 'two'])
      const last = await world.run(importStick(alice.messenger, sticks[2]?.file ?? new Uint8Array(0)))
      assert.equal(last.taken, 0)
      assert.equal(last.opened, 0)
    })
  })

  it('brings hundreds of messages of one contact in the order of chance', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 904 }, async (world) => {
      const { alice, bob } = await apart(world)
      await bob.say(alice, 'first')
      await carry(world, bob, alice)
      await alice.say(bob, 'second')
      await carry(world, alice, bob)
      const texts = Array.from({ length: 600 }, (_, n) => `number ${String(n)}`)
      await bob.sayApart(alice, texts)
      const report = await carry(world, bob, alice)
      assert.deepEqual(alice.heard.slice(1).toSorted(), texts.toSorted())
      assert.ok(report.opened >= 600)
      await carry(world, alice, bob)
      await world.pass(MINUTE)
      assert.equal((await bob.messenger.status()).outbox.messages, 0)
    })
  })

  it('is passed on by whoever reads it: to the peers at hand at once, and by the next file', async () => {
    await inWorld({ seed: 905 }, async (world) => {
      const { alice, bob } = await apart(world)
      const [carol, dora] = [await world.person('carol'), await world.person('dora')]
      await bob.say(alice, 'over two others')
      const first = await carry(world, bob, carol)
      assert.deepEqual([first.taken, first.opened], [first.read, 0])
      // From stick to stick, without a network.
      const onward = await world.run(exportStick(carol.messenger))
      assert.equal(onward.report.envelopes, first.read)
      // And from who is linked: dora has the stick, alice is beside her.
      world.hub.heal()
      world.hub.partition([['alice', 'dora'], ['bob'], ['carol']])
      await world.pass(20_000)
      await world.run(importStick(dora.messenger, onward.file))
      await world.until(() => alice.heard.includes('over two others'), 10_000)
    })
  })

  it('is taken again after a death on the way, without loss and without a message twice', async () => {
    await inWorld({ seed: 906 }, async (world) => {
      const { alice, bob } = await apart(world)
      await bob.sayApart(
        alice,
        Array.from({ length: 40 }, (_, n) => `text ${String(n)}`)
      )
      const stick = await world.run(exportStick(bob.messenger))
      for (let commit = 1; commit <= 6; commit++) {
        const deadly = alice.commits + commit
        alice.fateOfCommit = (count) => (count === deadly ? 'die-before' : 'pass')
        const importing = importStick(alice.messenger, stick.file).catch(() => undefined)
        await world.run(Promise.race([importing, alice.life.died]))
        if (!alice.running) await alice.open()
      }
      alice.fateOfCommit = () => 'pass'
      await world.run(importStick(alice.messenger, stick.file))
      const history = await alice.history(bob)
      assert.equal(history.length, 40)
      assert.equal(new Set(history.map(({ id }) => id)).size, 40)
    })
  })
})

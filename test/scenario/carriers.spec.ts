import assert from 'node:assert/strict'
import type { PersonOptions } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { textOf, type Person } from '../../src/simulator/person.js'
import { MAX_STRANGER_MESSAGES } from '../../src/protocol/limits.js'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { importStick, stickWith } from '../support/parcel-stick.js'

const MINUTE = 60_000

/** Who can hear whom from now on: everybody of one group, and nobody of another. */
async function meet(world: World, ...groups: readonly (readonly Person[])[]): Promise<void> {
  world.hub.heal()
  world.hub.partition(groups.map((group) => group.map(({ name }) => name)))
  await world.pass(20_000)
}

async function threeOf(
  world: World,
  options: PersonOptions = {}
): Promise<{ alice: Person; bob: Person; carol: Person }> {
  const [alice, bob] = [await world.person('alice'), await world.person('bob')]
  await befriend(world, alice, bob)
  const carol = await world.person('carol', options)
  return { alice, bob, carol }
}

async function mailboxOf(person: Person): Promise<{ envelopes: number; bytes: number; purged: number }> {
  return (await person.messenger.status()).mailbox
}

describe('an envelope', () => {
  it('is carried to somebody who is never there at the same time, and its receipt back', async () => {
    await inWorld({ seed: 801 }, async (world) => {
      const { alice, bob, carol } = await threeOf(world)
      await meet(world, [alice], [bob], [carol])
      const message = await alice.say(bob, 'by hand')
      assert.equal(alice.statusOf(message), 'queued')
      await meet(world, [alice, carol], [bob])
      await world.until(() => alice.statusOf(message) === 'sent')
      assert.equal(alice.updates.findLast(({ id }) => id === message.id)?.carriers, 1)
      await meet(world, [alice], [bob, carol])
      await world.until(() => bob.heard.includes('by hand'))
      await meet(world, [alice, carol], [bob])
      await world.until(() => alice.statusOf(message) === 'delivered')
      await meet(world, [alice, bob, carol])
      await world.pass(5 * MINUTE)
      assert.equal(bob.heard.filter((text) => text === 'by hand').length, 1)
      await assertSameHistory(alice, bob)
      assertNoKeyTwice(world.published)
    })
  })

  it('is carried through a restart and a kill of its carrier', async () => {
    await inWorld({ seed: 802 }, async (world) => {
      const { alice, bob, carol } = await threeOf(world)
      await meet(world, [alice, carol], [bob])
      const message = await alice.say(bob, 'keep this')
      await world.until(() => alice.statusOf(message) === 'sent')
      await meet(world, [alice], [bob], [carol])
      const before = await mailboxOf(carol)
      await carol.restart()
      assert.deepEqual(await mailboxOf(carol), before)
      await carol.crash()
      await carol.open()
      await meet(world, [alice], [bob, carol])
      await world.until(() => bob.heard.includes('keep this'))
    })
  })

  it('waits with its carrier until it is recognised, however many come in whatever order', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 803 }, async (world) => {
      const { alice, bob, carol } = await threeOf(world)
      await meet(world, [alice, carol], [bob])
      const texts = Array.from({ length: 600 }, (_, n) => `number ${String(n)}`)
      await alice.sayApart(bob, texts)
      await world.pass(5_000)
      await meet(world, [alice], [bob, carol])
      await world.until(() => bob.inbox.length >= 601, 10 * MINUTE)
      assert.deepEqual(bob.heard.slice(1).toSorted(), texts.toSorted())
    })
  })

  it('is not kept by who carries nothing, and is not taken for sent', async () => {
    await inWorld({ seed: 804 }, async (world) => {
      const { alice, bob, carol } = await threeOf(world, { messenger: { carrier: false } })
      await meet(world, [alice, carol], [bob])
      const message = await alice.say(bob, 'nobody keeps this')
      await world.pass(5 * MINUTE)
      assert.equal(alice.statusOf(message), 'queued')
      assert.equal((await mailboxOf(carol)).bytes, 0)
      await meet(world, [alice], [bob, carol])
      await world.pass(5 * MINUTE)
      assert.ok(!bob.heard.includes('nobody keeps this'))
      await meet(world, [alice, bob])
      await world.until(() => alice.statusOf(message) === 'delivered')
    })
  })

  it('is taken once it is welcome, though it does not come again and its sender is not there', async () => {
    await inWorld({ seed: 809 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const carol = await world.person('carol')
      await world.run(bob.messenger.contacts.block(alice.id))
      await meet(world, [alice, carol], [bob])
      const message = await alice.say(bob, 'let me explain')
      await world.until(() => alice.statusOf(message) === 'sent')
      await meet(world, [alice], [bob, carol])
      await world.pass(MINUTE)
      assert.deepEqual([bob.heard.includes('let me explain'), bob.refused], [false, ['blocked']])
      await meet(world, [alice], [bob], [carol])
      await world.run(bob.messenger.contacts.block(alice.id, false))
      await world.until(() => bob.heard.includes('let me explain'))
    })
  })

  it('of a stranger is taken once that is one no more, or what came before was read', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 810 }, async (world) => {
      const [alice, bob, carol] = [
        await world.person('alice'),
        await world.person('bob'),
        await world.person('carol')
      ]
      const card = await bob.card({ size: 'full', reusable: true })
      await meet(world, [alice, carol], [bob])
      await alice.add(card)
      const texts = Array.from({ length: 50 }, (_, n) => `please ${String(n)}`)
      await alice.sayApart(bob, texts)
      await world.pass(MINUTE)
      await meet(world, [alice], [bob, carol])
      await meet(world, [alice], [bob], [carol])
      assert.equal(bob.heard.length, MAX_STRANGER_MESSAGES)
      await bob.markRead(alice)
      await world.until(() => bob.heard.length === 2 * MAX_STRANGER_MESSAGES)
      await world.pass(MINUTE)
      assert.equal(bob.heard.length, 2 * MAX_STRANGER_MESSAGES)
      await bob.say(alice, 'Who are you?')
      await world.until(() => bob.heard.length === texts.length)
      assert.deepEqual(bob.heard.toSorted(), texts.toSorted())
    })
  })

  it('that comes early is found at the next start, if the last ended before it was looked for', async () => {
    for (const end of ['kill', 'close'] as const) {
      await inWorld({ seed: 811 }, async (world) => {
        const { alice, bob, carol } = await threeOf(world)
        await meet(world, [alice], [bob], [carol])
        const before = world.published.length
        const texts = Array.from({ length: 80 }, (_, n) => `number ${String(n)}`)
        await alice.sayApart(bob, texts)
        await world.pass(MINUTE)
        const sent = world.published.slice(before).map(({ envelope }) => envelope)
        assert.equal(sent.length, texts.length)
        await world.run(importStick(bob.messenger, stickWith('main', sent.slice(-10))))
        assert.equal(bob.inbox.length, 1, 'nobody knows yet whose they are')
        const closed: Promise<unknown>[] = []
        bob.fateOfCommit = (_, writes) => {
          if (writes.length < 30) return 'pass'
          if (end === 'kill') return 'die-after'
          closed.push(bob.close())
          return 'pass'
        }
        const first = stickWith('main', sent.slice(0, 60), 60)
        await world.run(
          Promise.race([importStick(bob.messenger, first).catch(() => undefined), bob.life.died])
        )
        await world.run(Promise.all(closed))
        bob.fateOfCommit = () => 'pass'
        await bob.open()
        await world.pass(MINUTE)
        const received = (await bob.history(alice)).filter(({ own }) => !own)
        assert.deepEqual(received.slice(1).map(textOf), [...texts.slice(0, 60), ...texts.slice(-10)], end)
      })
    }
  })

  it('is let go of by its carriers once it has arrived', async () => {
    await inWorld({ seed: 805 }, async (world) => {
      const { alice, bob, carol } = await threeOf(world)
      const dave = await world.person('dave')
      await world.pass(40 * MINUTE)
      await meet(world, [alice, carol], [bob], [dave])
      const message = await alice.say(bob, 'once')
      await world.until(() => alice.statusOf(message) === 'sent')
      await meet(world, [alice], [bob], [carol, dave])
      const [carried, copied] = [await mailboxOf(carol), await mailboxOf(dave)]
      assert.ok(carried.bytes > 0)
      assert.equal(copied.envelopes, carried.envelopes)
      await meet(world, [alice], [bob, carol], [dave])
      await world.until(() => bob.heard.includes('once'))
      await world.pass(40 * MINUTE)
      const purged = await mailboxOf(carol)
      assert.ok(purged.purged > carried.purged, 'its carrier has let go of it')
      await meet(world, [alice], [bob], [carol, dave])
      await world.pass(6 * MINUTE)
      assert.equal((await mailboxOf(dave)).purged, purged.purged, 'and told the next')
      // Whoever has been away and still has it does not bring it back.
      await carol.restart()
      await meet(world, [alice, carol], [bob], [dave])
      await world.pass(6 * MINUTE)
      assert.equal((await mailboxOf(carol)).purged, purged.purged)
      assert.equal(alice.statusOf(message), 'delivered')
    })
  })
})

describe('a partition that heals', () => {
  it('brings everything to everybody within seconds, told on by who meets the other side', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 806 }, async (world) => {
      const people: Person[] = []
      for (const name of ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'])
        people.push(await world.person(name))
      const [alice, bob, carol, dave, erin, frank] = people
      assert.ok(alice && bob && carol && dave && erin && frank)
      await befriend(world, alice, bob)
      await befriend(world, carol, dave)
      await meet(world, [alice, carol, erin], [bob, dave, frank])
      for (let n = 0; n < 20; n++) {
        await alice.say(bob, `to bob ${String(n)}`)
        await dave.say(carol, `to carol ${String(n)}`)
      }
      await world.pass(10 * MINUTE)
      // Only erin and frank can hear each other.
      for (const one of [alice, carol])
        for (const other of [bob, dave, frank]) {
          world.hub.cut(one.name, other.name)
          world.hub.cut(other.name, one.name)
        }
      for (const other of [bob, dave]) {
        world.hub.cut(erin.name, other.name)
        world.hub.cut(other.name, erin.name)
      }
      world.hub.heal(erin.name, frank.name)
      world.hub.heal(frank.name, erin.name)
      const healed = world.clock.now()
      await world.until(() => bob.inbox.length === 21 && carol.inbox.length === 21, 5 * MINUTE)
      assert.ok(world.clock.now() - healed <= 15_000, `${String(world.clock.now() - healed)} ms`)
    })
  })
})

describe('sync', () => {
  it('reconciles with everybody now, tells how it goes, and says so', async () => {
    await inWorld({ seed: 807 }, async (world) => {
      const { alice, carol } = await threeOf(world)
      await world.pass(10_000)
      const events: number[] = []
      alice.messenger.addEventListener('sync:complete', ({ detail }) => events.push(detail.peers))
      const progress: number[] = []
      const report = await world.run(
        alice.messenger.sync({ onProgress: ({ peers }) => void progress.push(peers) })
      )
      assert.equal(report.peers, 2)
      assert.deepEqual([progress, events], [[1, 2], [2]])
      await carol.crash()
      await assert.rejects(world.run(alice.messenger.sync({ signal: AbortSignal.abort() })), {
        code: 'ABORTED'
      })
    })
  })
})

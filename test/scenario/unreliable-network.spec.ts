import assert from 'node:assert/strict'
import {
  assertNoKeyTwice,
  assertOwnStatuses,
  assertSameHistory,
  befriend
} from '../support/messenger-checks.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'

const HOUR = 3_600_000

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name} ${String(n)}`)
}

/** Both talk at once, in small bursts, and everything arrives. */
async function converse(world: World, alice: Person, bob: Person, count: number): Promise<void> {
  const [before, after] = [alice.inbox.length, bob.inbox.length]
  for (let first = 0; first < count; first += 10) {
    const size = Math.min(10, count - first)
    await Promise.all([
      alice.sayAll(bob, numbered(`a${String(first)}`, size)),
      bob.sayApart(alice, numbered(`b${String(first)}`, size))
    ])
    await world.pass(40)
  }
  await world.until(() => alice.inbox.length >= before + count && bob.inbox.length >= after + count, HOUR)
  await world.eventually('delivered', () => allDelivered(alice, bob), HOUR)
}

async function allDelivered(alice: Person, bob: Person): Promise<boolean> {
  const all = [...(await alice.history(bob)), ...(await bob.history(alice))]
  return all.filter(({ own }) => own).every(({ status }) => status === 'delivered' || status === 'read')
}

async function assertIntact(world: World, alice: Person, bob: Person): Promise<void> {
  await assertSameHistory(alice, bob)
  for (const person of [alice, bob]) {
    assert.equal(new Set(person.inbox.map(({ id }) => id)).size, person.inbox.length, 'told of each once')
  }
  assertNoKeyTwice(world.published)
}

describe('on an unreliable network', () => {
  for (const [what, medium] of [
    ['a third is lost', { loss: 0.3 }],
    ['half is doubled', { duplication: 0.5 }],
    ['most overtakes', { reordering: 0.8, reorderWindow: 2_000 }],
    ['a fifth is lost, a third doubled and half overtakes', { loss: 0.2, duplication: 0.3, reordering: 0.5 }],
    ['everything is slow', { delay: [400, 600] as const }]
  ] as const) {
    it(`of which ${what}, everything arrives once and in one order`, async () => {
      for (const seed of [201, 202]) {
        await inWorld({ seed, ...medium }, async (world) => {
          const [alice, bob] = [await world.person('alice'), await world.person('bob')]
          await befriend(world, alice, bob)
          await converse(world, alice, bob, 60)
          await assertIntact(world, alice, bob)
        })
      }
    })
  }

  it('that splits and heals, what was written meanwhile arrives', async () => {
    await inWorld({ seed: 211 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      const carol = await world.person('carol')
      await befriend(world, alice, bob)
      for (let round = 0; round < 3; round++) {
        world.hub.partition([['alice', 'carol'], ['bob']])
        await alice.sayAll(bob, numbered(`apart a${String(round)}`, 20))
        await bob.sayAll(alice, numbered(`apart b${String(round)}`, 20))
        // Longer than it takes to notice, or so short that nobody did.
        await world.pass(round === 1 ? 3_000 : HOUR)
        world.hub.heal()
        await world.eventually('delivered', () => allDelivered(alice, bob), HOUR)
      }
      await assertIntact(world, alice, bob)
      assert.deepEqual(carol.heard, [])
    })
  })

  it('that loses one direction for a while, the conversation goes on afterwards', async () => {
    for (const [from, to] of [
      ['alice', 'bob'],
      ['bob', 'alice']
    ] as const) {
      await inWorld({ seed: 212 }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await befriend(world, alice, bob)
        world.hub.cut(from, to)
        // More receipts than a recipient looks ahead are lost while nobody has noticed yet.
        for (let n = 0; n < 300; n++) {
          await bob.say(alice, `one way ${String(n)}`)
          await world.pass(40)
        }
        world.hub.heal()
        await world.eventually('delivered', () => allDelivered(alice, bob), HOUR)
        await converse(world, alice, bob, 20)
        await assertIntact(world, alice, bob)
      })
    }
  })

  it('whose receipts are lost for days, the conversation goes on afterwards', async () => {
    await inWorld({ seed: 213, detectAfter: 1e12 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      world.hub.cut('alice', 'bob')
      for (let n = 0; n < 120; n++) {
        await bob.say(alice, `deaf ${String(n)}`)
        await world.pass(60_000)
      }
      assert.equal(alice.inbox.length, 121)
      world.hub.heal()
      await world.eventually('delivered', () => allDelivered(alice, bob), HOUR)
      await converse(world, alice, bob, 20)
      await assertIntact(world, alice, bob)
    })
  })

  it('bursts after a reply arrive without waiting for a repetition', async () => {
    await inWorld({ seed: 214 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await alice.sayApart(bob, numbered('burst', 400))
      await world.until(() => bob.inbox.length === 401, 900)
      await alice.sayAll(bob, numbered('together', 400))
      await world.until(() => bob.inbox.length === 801, 900)
      assert.deepEqual(bob.heard.slice(1), [...numbered('burst', 400), ...numbered('together', 400)])
    })
  })

  it('somebody who was away gets everything on joining', async () => {
    await inWorld({ seed: 215 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(bob.close())
      const texts = numbered('while you were away', 100)
      await alice.sayAll(bob, texts)
      await world.pass(24 * HOUR)
      await bob.open()
      await world.until(() => bob.inbox.length === 101, 10_000)
      assert.deepEqual(bob.heard.slice(1), texts)
      await world.until(
        () => alice.updates.filter(({ status }) => status === 'delivered').length >= 101,
        10_000
      )
      await assertIntact(world, alice, bob)
    })
  })

  it('a message published before its recipient subscribed arrives when it does', async () => {
    await inWorld({ seed: 216 }, async (world) => {
      const alice = await world.person('alice')
      const bob = await world.person('bob', { messenger: { start: false } })
      await bob.add(await alice.card({ size: 'full' }))
      const early = await bob.say(alice, 'before the start')
      assert.equal(bob.statusOf(early), 'queued')
      await world.run(bob.messenger.start())
      await world.until(() => bob.statusOf(early) === 'delivered', 10_000)
      await world.run(bob.messenger.stop())
      const stopped = await bob.say(alice, 'while stopped')
      await world.pass(60_000)
      assert.equal(bob.statusOf(stopped), 'queued')
      await world.run(bob.messenger.start())
      await world.until(() => bob.statusOf(stopped) === 'delivered', 10_000)
    })
  })

  it('that refuses to publish for a while, messages leave when it works again', async () => {
    await inWorld({ seed: 217 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.pass(10_000)
      alice.failPublishes = true
      const message = await alice.say(bob, 'later')
      await world.pass(5_000)
      assert.equal(alice.statusOf(message), 'queued')
      alice.failPublishes = false
      await world.until(() => alice.statusOf(message) === 'delivered', 60_000)
    })
  })

  it('an idle pair stays silent', async () => {
    await inWorld({ seed: 218 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.pass(HOUR)
      const before = world.published.length
      await world.pass(24 * HOUR)
      assert.ok(world.published.length - before < 10, `${String(world.published.length - before)} envelopes`)
      await assertOwnStatuses(alice, bob, 'delivered')
    })
  })
})

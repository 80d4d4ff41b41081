import assert from 'node:assert/strict'
import { decodeParcel } from '../../src/codec/parcel.js'
import type { Network, NetworkHandlers } from '../../src/network/network.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { encodePrefix, expiryDay, LANE_OPEN, LANE_TAGGED } from '../../src/protocol/envelope/envelope.js'
import { MAIN_TOPIC, publishFrom } from '../support/hostile-nodes.js'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { countOf } from '../support/messenger-count.js'
import { inWorld, type World } from '../../src/simulator/world.js'

const DAY = 24 * 3_600_000

/** A node that hears everything and passes nothing on by itself. */
async function mallory(
  world: World,
  onEnvelope: (network: Network, envelope: Uint8Array) => void
): Promise<Network> {
  const network = world.hub.createNetwork('mallory')
  const handlers: NetworkHandlers = {
    inspect: (_, parcel) => {
      for (const envelope of decodeParcel(parcel) ?? []) onEnvelope(network, envelope.slice())
      return 'ignore'
    },
    onParcel: () => undefined,
    onPeers: () => undefined,
    onJoin: () => undefined,
    onRequest: () => Promise.resolve(undefined),
    onStream: (_, stream) => stream.abort()
  }
  network.join(MAIN_TOPIC)
  await network.start(handlers)
  return network
}

describe('mallory', () => {
  it('between two people garbles a copy of everything before it arrives, and nothing is disturbed', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 951, discovery: false }, async (world) => {
      let copies = 0
      const network = await mallory(world, (mine, envelope) => {
        // Each part of it: version, expiry, tag, nonce, header, body, and every byte of a small one now and then.
        const step = copies < 3_000 ? 1 : 97
        for (let at = 4; at < Math.min(envelope.length, 600); at += step) {
          const garbled = envelope.slice()
          garbled[at] = (garbled[at] ?? 0) ^ 0x40
          publishFrom(mine, garbled)
          copies++
        }
        world.clock.schedule(50, () => {
          publishFrom(mine, envelope)
        })
      })
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await world.run(network.dial('/memory/alice'))
      await world.run(network.dial('/memory/bob'))
      // They learn each other's addresses: nothing must find a way around her.
      world.hub.cut('alice', 'bob')
      world.hub.cut('bob', 'alice')
      await befriend(world, alice, bob)
      for (let n = 0; n < 10; n++) {
        const [one, other] = [await alice.say(bob, `a${String(n)}`), await bob.say(alice, `b${String(n)}`)]
        await world.until(
          () => alice.statusOf(one) === 'delivered' && bob.statusOf(other) === 'delivered',
          60_000
        )
      }
      assert.ok(copies > 3_000)
      await assertSameHistory(alice, bob)
      assert.deepEqual([alice.changes, bob.changes], [[], []])
      assert.ok(bob.refused.includes('bad-header') || bob.refused.includes('bad-body'), bob.refused.join())
      assertNoKeyTwice(world.published)
    })
  })

  it('says everything again, at once, later and after a restart, and nobody hears it twice', async () => {
    await inWorld({ seed: 952 }, async (world) => {
      const heard: Uint8Array[] = []
      const network = await mallory(world, (_, envelope) => heard.push(envelope))
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await alice.sayAll(bob, ['one', 'two', 'three'])
      await world.until(() => bob.inbox.length === 4)
      await world.pass(10_000)
      const before = [await alice.history(bob), await bob.history(alice)]
      for (let round = 0; round < 3; round++) {
        for (const envelope of heard.slice(0, 200)) publishFrom(network, envelope)
        await world.pass(5_000)
        if (round === 0) await bob.restart()
        if (round === 1) await alice.crash().then(() => alice.open())
      }
      assert.deepEqual([await alice.history(bob), await bob.history(alice)], before)
      assert.deepEqual([alice.inbox.length, bob.inbox.length], [1, 4])
      const after = await bob.say(alice, 'after all of that')
      await world.until(() => bob.statusOf(after) === 'delivered')
      assertNoKeyTwice(world.published.filter(({ by }) => by !== 'mallory'))
    })
  })

  it('answers no one for ever: repeated envelopes cause few receipts', async () => {
    await inWorld({ seed: 953 }, async (world) => {
      const heard: Uint8Array[] = []
      const network = await mallory(world, (_, envelope) => heard.push(envelope))
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.pass(10_000)
      const before = world.published.length
      const commits = alice.commits + bob.commits
      for (let round = 0; round < 200; round++) {
        for (const envelope of heard.slice(0, 20)) publishFrom(network, envelope)
        await world.pass(1_000)
      }
      assert.ok(world.published.length - before < 600, `${String(world.published.length - before)} envelopes`)
      assert.ok(alice.commits + bob.commits - commits < 200, 'nor does each cost a commit')
      const after = await bob.say(alice, 'still here')
      await world.until(() => bob.statusOf(after) === 'delivered')
    })
  })

  it('floods with envelopes for nobody and with unpaid hellos, and people still hear each other', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 954 }, async (world) => {
      const network = await mallory(world, () => undefined)
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const random = createSeededRandom(955)
      const stored = await countOf(bob.store.range({}))
      for (let round = 0; round < 20; round++) {
        for (let n = 0; n < 250; n++) {
          const envelope = random.bytes(512)
          const lane = n % 10 === 0 ? LANE_OPEN : LANE_TAGGED
          envelope.set(encodePrefix(lane, expiryDay(world.clock.now(), DAY), random.bytes(16)))
          publishFrom(network, envelope)
        }
        const message = await alice.say(bob, `in the flood ${String(round)}`)
        await world.until(() => alice.statusOf(message) === 'delivered', 5_000)
      }
      assert.ok((await countOf(bob.store.range({}))) - stored < 200, 'what is for nobody leaves nothing')
      await assertSameHistory(alice, bob)
    })
  })
})

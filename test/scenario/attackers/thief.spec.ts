import assert from 'node:assert/strict'
import type { Network } from '../../../src/network/network.js'
import type { Disk } from '../../../src/simulator/disk.js'
import type { Person } from '../../../src/simulator/person.js'
import { inWorld, World } from '../../../src/simulator/world.js'
import type { Write } from '../../../src/storage/store.js'
import { befriend } from '../../support/messenger-checks.js'
import { tap } from '../../support/messenger-wiretap.js'

/** What is forgotten here is what the thief does not find: texts, and which envelopes were read. */
async function forget(disk: Disk): Promise<void> {
  const writes: Write[] = []
  for await (const [key] of disk.range({})) {
    if (/^(message|seen)\//.test(key)) writes.push({ type: 'delete', key })
  }
  assert.ok(writes.length > 1)
  await disk.commit(writes)
}

/** Whoever has all of a store at one moment, its key, and everything that was ever on the wire: what can it read? */
async function readWith(
  disk: Disk,
  wire: readonly Uint8Array[],
  now: number,
  seed: number
): Promise<string[]> {
  const world = new World({ seed, start: now })
  const mallory = await tap(world)
  const thief = await world.person('thief', { disk })
  await world.pass(1_000)
  for (const envelope of wire) {
    await world.run(mallory.say(envelope))
    await world.pass(200)
  }
  await world.pass(5_000)
  const texts = thief.heard
  await world.end()
  return texts
}

/** Alice's network, that keeps one envelope to itself while it is told to. */
function withholding(): {
  readonly wrap: (network: Network) => Network
  withhold: boolean
  kept: Uint8Array[]
} {
  const state = {
    withhold: false,
    kept: [] as Uint8Array[],
    wrap: (network: Network): Network => {
      const publish = network.publish.bind(network)
      network.publish = (topic, envelope) => {
        if (!state.withhold) return publish(topic, envelope)
        state.kept.push(envelope.slice())
        return Promise.resolve({ recipients: 0 })
      }
      return network
    }
  }
  return state
}

describe('a thief with all of a store at one moment, its key and everything that was on the wire', function () {
  this.timeout(60_000)

  it('reads nothing earlier but what had not arrived, and nothing later after one round trip', async () => {
    await inWorld({ seed: 970 }, async (world) => {
      const hold = withholding()
      const alice = await world.person('alice', { wrapNetwork: hold.wrap })
      const bob = await world.person('bob')
      await befriend(world, alice, bob)
      await world.pass(5_000)
      const say = async (text: string): Promise<void> => {
        const before = bob.inbox.length
        await alice.say(bob, text)
        await world.until(() => bob.inbox.length > before)
        await world.pass(2_000)
      }
      await say('early 0')
      hold.withhold = true
      await alice.say(bob, 'under way')
      await world.pass(100)
      hold.withhold = false
      const late = hold.kept.at(-1)
      assert.ok(late !== undefined)
      // It is published again by itself: what follows must be there first.
      await alice.say(bob, 'early 1')
      await world.until(() => bob.heard.includes('early 1'))
      const stolen = await bob.backup()
      const hadArrived = bob.heard.includes('under way')
      await world.pass(10_000)
      await say('later 0')
      await bob.say(alice, 'a round trip')
      await world.pass(5_000)
      await say('later 1')
      await say('later 2')
      await forget(stolen)
      const wire = [
        late,
        ...world.published.filter(({ by }) => by === 'alice').map(({ envelope }) => envelope)
      ]
      const texts = new Set(await readWith(stolen, wire, world.clock.now(), 971))
      for (const text of ['Hello bob', 'early 0', 'early 1', 'later 1', 'later 2'])
        assert.ok(!texts.has(text), `${text} was read`)
      if (!hadArrived)
        assert.ok(texts.has('under way'), 'its key was kept, and this test can see what is read')
      assert.ok(!hadArrived, 'the message was under way at that moment')
    })
  })

  it('reads what follows in the chain that it stole, until both sides have sent: the test sees it', async () => {
    await inWorld({ seed: 972 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.pass(5_000)
      await alice.say(bob, 'before')
      await world.until(() => bob.heard.includes('before'))
      // Nothing of Bob's comes back: no round trip.
      world.hub.cut('bob', 'alice')
      const stolen = await bob.backup()
      await alice.say(bob, 'at once')
      await world.until(() => bob.heard.includes('at once'))
      await forget(stolen)
      const wire = envelopesOf(world, alice)
      const texts = await readWith(stolen, wire, world.clock.now(), 973)
      assert.ok(texts.includes('at once'))
      assert.ok(!texts.includes('before'))
    })
  })
})

function envelopesOf(world: World, { name }: Person): Uint8Array[] {
  return world.published.filter(({ by }) => by === name).map(({ envelope }) => envelope)
}

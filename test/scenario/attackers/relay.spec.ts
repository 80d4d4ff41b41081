import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createSeededRandom } from '../../../src/network/seeded-random.js'
import type { Person } from '../../../src/simulator/person.js'
import { inWorld } from '../../../src/simulator/world.js'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../../support/messenger-checks.js'
import { tap } from '../../support/messenger-wiretap.js'

const FORGERIES = 1_000

/** What is carried for others: sealed envelopes as they came, a forged one like any other, within the quota. */
const CARRIED = /^(mailbox|envelope)\//

/** A hash of everything else a store holds. */
async function stateOf({ store }: Person): Promise<string> {
  const hash = createHash('sha256')
  for await (const [key, value] of store.range({}))
    if (!CARRIED.test(key)) hash.update(key).update('\0').update(value)
  return hash.digest('hex')
}

function flipped(envelope: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = envelope.slice()
  changed[at] = (changed[at] ?? 0) ^ mask
  return changed
}

describe('a relay between two people', function () {
  this.timeout(120_000)

  it('that changes, cuts, repeats, reorders and copies tags changes nothing of their state, and what is true still arrives', async () => {
    await inWorld({ seed: 980, discovery: false }, async (world) => {
      const waiting: Uint8Array[] = []
      let isHeld = false
      const mallory = await tap(world, (envelope) => {
        if (isHeld) waiting.push(envelope)
        else world.clock.schedule(5, () => void mallory.say(envelope))
      })
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await world.run(mallory.network.dial('/memory/alice'))
      await world.run(mallory.network.dial('/memory/bob'))
      world.hub.cut('alice', 'bob')
      world.hub.cut('bob', 'alice')
      await befriend(world, alice, bob)
      await world.pass(60_000)
      const past = [...mallory.heard]
      isHeld = true
      await alice.sayApart(bob, ['one', 'two', 'three'])
      await world.until(() => waiting.length >= 3)
      const real = waiting.slice(0, 3)
      const before = await stateOf(bob)
      const random = createSeededRandom(981)
      const unmoved = async (what: string, envelopes: readonly Uint8Array[]): Promise<void> => {
        for (const envelope of envelopes) await world.run(mallory.say(envelope))
        await world.pass(1_000)
        assert.equal(await stateOf(bob), before, what)
      }
      for (const envelope of real) {
        // Behind the version, lane and day, which say whether it is one at all.
        const changes = Array.from(envelope, (_, at) => flipped(envelope, at, 1 << (at % 8)))
        await unmoved('every byte changed', changes.slice(4))
        await unmoved('cut', [envelope.subarray(0, envelope.length / 2), envelope.subarray(0, 100)])
        const garbage = random.bytes(envelope.length)
        garbage.set(envelope.subarray(0, 20))
        await unmoved('its tag before garbage', [garbage, garbage])
        const other = real.find((candidate) => candidate !== envelope) ?? envelope
        const mixed = other.slice()
        mixed.set(envelope.subarray(0, 20))
        await unmoved('its tag before another envelope', [mixed])
      }
      await unmoved('everything of the past', past)
      isHeld = false
      for (const envelope of [...real].reverse()) await world.run(mallory.say(envelope))
      for (const envelope of [...waiting, ...real]) await world.run(mallory.say(envelope))
      await world.until(() => bob.inbox.length === 4)
      await world.pass(120_000)
      await assertSameHistory(alice, bob)
      assert.equal(bob.inbox.length, 4)
      assertNoKeyTwice(world.published)
    })
  })

  it(`that forges ${String(FORGERIES)} failures causes no reset, no session and no word`, async () => {
    await inWorld({ seed: 982 }, async (world) => {
      const mallory = await tap(world)
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.pass(120_000)
      // What Bob waits for: its tags are expected, so every forgery is tried.
      world.hub.cut('alice', 'bob')
      const heard = mallory.heard.length
      await alice.sayApart(bob, ['one', 'two', 'three'])
      await world.until(() => mallory.heard.length >= heard + 3)
      const real = mallory.heard.slice(heard, heard + 3)
      const [before, words, refused] = [
        await stateOf(bob),
        countBy(world.published, 'bob'),
        bob.refused.length
      ]
      const random = createSeededRandom(983)
      for (let n = 0; n < FORGERIES; n++) {
        const envelope = real[n % real.length]
        assert.ok(envelope !== undefined)
        const at = 20 + Math.floor(random.number() * (envelope.length - 20))
        await world.run(mallory.say(flipped(envelope, at, 1 + Math.floor(random.number() * 255))))
      }
      await world.until(() => bob.refused.length - refused === FORGERIES)
      await world.pass(60_000)
      assert.deepEqual(new Set(bob.refused.slice(refused)), new Set(['bad-header', 'bad-body']))
      assert.equal(await stateOf(bob), before)
      assert.equal(countBy(world.published, 'bob'), words)
      world.hub.heal()
      await world.until(() => bob.inbox.length === 4)
      const after = await alice.say(bob, 'as if nothing had been')
      await world.until(() => alice.statusOf(after) === 'delivered')
      assert.deepEqual([alice.changes, bob.changes, alice.copies, bob.copies], [[], [], [], []])
      assertNoKeyTwice(world.published)
    })
  })
})

function countBy(published: readonly { readonly by: string }[], name: string): number {
  return published.filter(({ by }) => by === name).length
}

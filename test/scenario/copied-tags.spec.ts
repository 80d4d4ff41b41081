import assert from 'node:assert/strict'
import type { Message } from '../../src/index.js'
import type { Network } from '../../src/network/network.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { SYNC_OTHERS } from '../../src/protocol/limits.js'
import { textOf, type Person, type PersonOptions } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { createDropper, meet, publishFrom } from '../support/hostile-nodes.js'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { firstOfTag } from '../support/network-unguarded.js'

/** Where the outer parts of an envelope end: version, lane, expiry and tag. */
const OUTER = 20
const COPIES = 200
const FLOOD = 10_000

/** The same outer parts, and one byte of what they enclose another. */
function garble(envelope: Uint8Array, n: number): Uint8Array {
  const garbled = envelope.slice()
  const at = OUTER + ((n * 31) % (envelope.length - OUTER))
  garbled[at] = (garbled[at] ?? 0) ^ (1 + (n % 255))
  return garbled
}

/** bob, whom alice knows; carol, who carries; and mallory, who passes nothing on. */
async function crowd(
  world: World,
  options: PersonOptions = {},
  carrier = options
): Promise<{ alice: Person; bob: Person; carol: Person; mallory: Network }> {
  const [alice, bob] = [await world.person('alice', options), await world.person('bob', options)]
  await befriend(world, alice, bob)
  const carol = await world.person('carol', carrier)
  return { alice, bob, carol, mallory: await createDropper(world, 'mallory') }
}

/** bob writes to alice while mallory alone is heard by carol, who then has copies of what he wrote before she hears him. */
async function copyFirst(
  world: World,
  { alice, bob, mallory }: Awaited<ReturnType<typeof crowd>>
): Promise<Message> {
  await meet(world, ['alice'], ['bob'], ['carol', 'mallory'])
  const message = await bob.say(alice, 'the true one')
  const sealed = world.published.findLast(({ by }) => by === 'bob')?.envelope
  assert.ok(sealed)
  for (let n = 0; n < COPIES; n += 1) publishFrom(mallory, garble(sealed, n))
  await world.pass(10_000)
  return message
}

describe('garbled copies with the true outer parts of an envelope', () => {
  for (const isLinkedBefore of [false, true]) {
    it(`that come first do not keep the true one from its recipient, who is there ${isLinkedBefore ? 'before' : 'after'} it`, async () => {
      await inWorld({ seed: 971 }, async (world) => {
        const people = await crowd(world)
        const { alice, bob } = people
        const message = await copyFirst(world, people)
        const { envelopes } = (await people.carol.messenger.status()).mailbox
        assert.ok(envelopes >= COPIES, 'carol keeps the copies: she cannot tell')
        if (isLinkedBefore) {
          await meet(world, ['alice', 'carol'], ['bob'], ['mallory'])
          assert.ok(!alice.heard.includes('the true one'))
          await meet(world, ['alice', 'carol', 'bob'], ['mallory'])
          world.hub.cut('alice', 'bob')
          world.hub.cut('bob', 'alice')
        } else {
          await meet(world, ['alice'], ['bob', 'carol'], ['mallory'])
          await meet(world, ['alice', 'carol'], ['bob'], ['mallory'])
        }
        await world.until(() => alice.heard.includes('the true one'), 2 * SYNC_OTHERS)
        await meet(world, ['alice', 'bob', 'carol'], ['mallory'])
        await world.until(() => bob.statusOf(message) === 'delivered')
        await assertSameHistory(alice, bob)
        assertNoKeyTwice(world.published.filter(({ by }) => by !== 'carol'))
      })
    })
  }

  it('that come first keep the true one from its recipient where a carrier takes one envelope of a tag', async () => {
    await inWorld({ seed: 971 }, async (world) => {
      const people = await crowd(world, {}, { wrapNetwork: firstOfTag })
      const { alice, bob } = people
      await copyFirst(world, people)
      await meet(world, ['alice'], ['bob', 'carol'], ['mallory'])
      await bob.say(alice, 'one without copies')
      await world.pass(20_000)
      await meet(world, ['alice', 'carol'], ['bob'], ['mallory'])
      await world.until(() => alice.heard.includes('one without copies'), 2 * SYNC_OTHERS)
      assert.ok(!alice.heard.includes('the true one'))
    })
  })
})

describe(`${String(FLOOD)} garbage envelopes with copied tags`, function () {
  this.timeout(60_000)
  const quota = 1024 * 1024

  /** alice and bob write to each other while mallory publishes garbage under the tags of what they wrote. */
  async function copyAll(
    world: World,
    { alice, bob, mallory }: Awaited<ReturnType<typeof crowd>>
  ): Promise<string[]> {
    const random = createSeededRandom(972)
    const texts: string[] = []
    for (let round = 0; round < 20; round += 1) {
      const heard = world.published.filter(({ by }) => by === 'alice' || by === 'bob').slice(-30)
      for (let n = 0; n < FLOOD / 20; n += 1) {
        const garbage = random.bytes(512)
        garbage.set(heard[n % heard.length]?.envelope.subarray(0, OUTER) ?? [])
        publishFrom(mallory, garbage)
      }
      texts.push(`there ${String(round)}`, `back ${String(round)}`)
      const there = await alice.say(bob, `there ${String(round)}`)
      const back = await bob.say(alice, `back ${String(round)}`)
      await world.until(
        () => alice.statusOf(there) === 'delivered' && bob.statusOf(back) === 'delivered',
        60_000
      )
    }
    await world.pass(60_000)
    return texts
  }

  it('take no more room than a mailbox has, and keep nothing from those whose tags they are', async () => {
    await inWorld({ seed: 972 }, async (world) => {
      const people = await crowd(world, { messenger: { mailbox: { quota } } })
      const { alice, bob, carol } = people
      const before = (await alice.history(bob)).map(textOf)
      const texts = await copyAll(world, people)
      for (const person of [alice, bob, carol]) {
        const { mailbox, outbox } = await person.messenger.status()
        assert.ok(mailbox.bytes <= quota, `${person.name}: ${String(mailbox.bytes)}`)
        assert.equal(outbox.messages, 0)
      }
      await assertSameHistory(alice, bob, [...before, ...texts])
    })
  })

  it('take the room of all of them where a mailbox has no such bound', async () => {
    await inWorld({ seed: 972 }, async (world) => {
      const people = await crowd(world)
      await copyAll(world, people)
      const { mailbox } = await people.carol.messenger.status()
      assert.ok(mailbox.bytes > 0.9 * FLOOD * 512, String(mailbox.bytes))
    })
  })
})

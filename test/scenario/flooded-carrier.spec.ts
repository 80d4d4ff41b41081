import assert from 'node:assert/strict'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { DAY_MS, MAX_LIFETIME_DAYS, SYNC_OTHERS } from '../../src/protocol/limits.js'
import type { Person, PersonOptions } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { createDropper, envelopeForNobody, meet, publishFrom } from '../support/hostile-nodes.js'
import { befriend } from '../support/messenger-checks.js'
import { fromOneSource } from '../support/network-unguarded.js'

/** Envelopes of a flood, and bytes of a mailbox that has room for a fifth of them. */
const FLOOD = 10_000
const QUOTA = 1024 * 1024
const SEED = 974

/** carol takes a letter of bob's along, is flooded by mallory, and then meets alice, whom it is for. */
async function carryThroughFlood(
  options: PersonOptions,
  end: (world: World, people: { readonly alice: Person; readonly carol: Person }) => Promise<void>
): Promise<void> {
  await inWorld({ seed: SEED }, async (world) => {
    const [alice, bob] = [await world.person('alice'), await world.person('bob')]
    await befriend(world, alice, bob)
    const carol = await world.person('carol', { messenger: { mailbox: { quota: QUOTA } }, ...options })
    const mallory = await createDropper(world, 'mallory')
    await meet(world, ['alice'], ['bob', 'carol'], ['mallory'])
    await bob.say(alice, 'a letter')
    await world.pass(20_000)
    await meet(world, ['alice'], ['bob'], ['carol', 'mallory'])
    const { bytes } = createSeededRandom(SEED)
    for (let n = 0; n < FLOOD; n += 1) {
      // They live longer than any letter: of equals, what expires first makes room first.
      publishFrom(mallory, envelopeForNobody(world.clock.now(), MAX_LIFETIME_DAYS * DAY_MS, bytes))
      if (n % 100 === 0) await world.pass(100)
    }
    await world.pass(20_000)
    const { mailbox } = await carol.messenger.status()
    assert.ok(mailbox.bytes > QUOTA / 2 && mailbox.bytes <= QUOTA, String(mailbox.bytes))
    assert.ok(mailbox.envelopes > FLOOD / 2, `${String(mailbox.envelopes)} are known, the flood came`)
    await meet(world, ['alice', 'carol'], ['bob'], ['mallory'])
    await end(world, { alice, carol })
  })
}

describe(`${String(FLOOD)} envelopes for nobody, five times what a carrier has room for`, function () {
  this.timeout(60_000)

  it('make room for each other, and a letter of a stranger that it carried before arrives', async () => {
    await carryThroughFlood({}, async (world, { alice }) => {
      await world.until(() => alice.heard.includes('a letter'), 2 * SYNC_OTHERS)
    })
  })

  it('take the place of that letter where it is not known who hands over how much', async () => {
    await carryThroughFlood({ wrapNetwork: fromOneSource }, async (world, { alice }) => {
      await world.pass(2 * SYNC_OTHERS)
      assert.ok(!alice.heard.includes('a letter'))
    })
  })
})

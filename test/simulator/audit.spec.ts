import assert from 'node:assert/strict'
import { Audit } from '../../src/simulator/audit.js'
import { Checker } from '../../src/simulator/checker.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'

/** bob knows alice, and carol carries for everybody; who is forgetful keeps nothing of what it says to hold. */
async function audited(
  world: World,
  isForgetful: boolean
): Promise<{ people: [alice: Person, bob: Person, carol: Person]; audit: Audit; checker: Checker }> {
  const checker = new Checker(() => world.clock.now())
  const audit = new Audit(world.people, checker)
  world.observe(checker.observe)
  world.observe(audit.observe)
  const alice = await world.person('alice')
  const bob = await world.person('bob')
  const carol = await world.person('carol', {
    wrapStore: (store) => ({
      get: (key) => store.get(key),
      range: (range) => store.range(range),
      close: () => store.close(),
      commit: (writes) =>
        store.commit(isForgetful ? writes.filter(({ key }) => !key.startsWith('envelope/')) : writes)
    })
  })
  for (const person of [alice, bob, carol]) checker.introduce(person.name, person.id)
  await bob.add(await alice.card({ size: 'full' }))
  checker.attempt('bob', 'alice', 'hello')
  const hello = await bob.say(alice, 'hello')
  await world.until(() => bob.statusOf(hello) === 'delivered')
  return { people: [alice, bob, carol], audit, checker }
}

const rules = ({ violations }: Checker): string[] => violations.map(({ rule }) => rule)

describe('simulator/audit', () => {
  for (const isForgetful of [false, true]) {
    it(
      isForgetful
        ? 'notices when what is called sent is held by nobody'
        : 'has nothing to say of what a carrier holds',
      async () => {
        await inWorld({ seed: 1 }, async (world) => {
          const { people, checker } = await audited(world, isForgetful)
          const [alice, bob] = people
          await alice.crash()
          checker.attempt('bob', 'alice', 'are you there?')
          const message = await bob.say(alice, 'are you there?')
          await world.until(() => bob.statusOf(message) === 'sent')
          await world.pass(0)
          assert.deepEqual(rules(checker), isForgetful ? ['sent-is-held'] : [])
        })
      }
    )
  }

  it('notices a mailbox that keeps more than it may', async () => {
    await inWorld({ seed: 2 }, async (world) => {
      const { audit, checker } = await audited(world, false)
      await world.pass(1_000)
      audit.checkLimits(() => 100_000)
      await world.pass(0)
      assert.deepEqual(rules(checker), [])
      audit.checkLimits(({ name }) => (name === 'carol' ? 100 : 100_000))
      await world.pass(0)
      assert.deepEqual(rules(checker), ['mailbox-within-limits'])
    })
  })

  it('notices what one mailbox holds and another does not, until they have met', async () => {
    await inWorld({ seed: 3 }, async (world) => {
      const { audit, people } = await audited(world, false)
      const [alice, bob, carol] = people
      await world.pass(7_200_000)
      assert.deepEqual(await audit.disagreements(world.clock.now()), [])
      world.hub.partition([['alice', 'bob'], ['carol']])
      await world.pass(60_000)
      await bob.say(alice, 'only between us')
      await world.pass(10_000)
      const found = await audit.disagreements(world.clock.now())
      assert.ok(found.length > 0 && found.every((what) => what.endsWith('and carol does not')))
      assert.ok(carol.running)
      world.hub.heal()
      await world.pass(7_200_000)
      assert.deepEqual(await audit.disagreements(world.clock.now()), [])
    })
  })
})

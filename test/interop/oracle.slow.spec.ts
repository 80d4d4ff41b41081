import assert from 'node:assert/strict'
import { answerOracle, befriendOracle, describeWithOracle, inPair } from '../support/oracle-pair.js'
import { assertSameHistoryAsOracle, converseAtRandom, type OraclePerson } from '../support/oracle-person.js'
import { must } from '../support/protocol-values.js'

/** The post-quantum ratchet turns about once in 130 messages, half of them the oracle's. */
async function assertManyEpochs(oracle: OraclePerson): Promise<void> {
  const { epochs, piecesRefused } = await oracle.known()
  assert.ok(
    epochs?.every((epoch) => epoch > 50),
    String(epochs)
  )
  assert.deepEqual(piecesRefused, [])
}

describeWithOracle('the second implementation, at length,', (oracle) => {
  it('begins in the open lane, and pays for it', async () => {
    await inPair(oracle(), 942, async (pair) => {
      const { alice, bob } = pair
      await bob.add(await alice.card({ reusable: true, size: 'full' }))
      for (const text of ['one', 'two']) await bob.say(text)
      await bob.until(() => alice.inbox.length === 2)
      assert.equal((await alice.contact(bob)).origin, 'hello')
      await answerOracle(pair, 'three')
      await assertSameHistoryAsOracle(alice, bob)
    })
  })

  it('takes an open hello that a messenger has paid for', async () => {
    await inPair(oracle(), 954, async (pair) => {
      const { world, alice, bob } = pair
      await alice.add(await bob.card({ invite: false }))
      await alice.say(bob, 'one')
      await world.until(() => world.published.at(-1)?.by === 'alice')
      assert.equal(must(world.published.at(-1)).envelope[1], 1, 'an open hello')
      await bob.listen(500)
      bob.talkTo(alice)
      assert.deepEqual(
        bob.inbox.map(({ text }) => text),
        ['one']
      )
      await bob.say('two')
      await bob.until(() => alice.inbox.length === 1)
      await answerOracle(pair, 'three')
      await assertSameHistoryAsOracle(alice, bob)
    })
  })

  it('exchanges 10,000 messages with a messenger that it met, while a fifth is lost, a fifth doubled and half overtakes', async () => {
    await inPair(
      oracle(),
      980,
      async (pair) => {
        await befriendOracle(pair)
        await converseAtRandom(pair.world, pair.alice, pair.bob, 10_000)
        await assertSameHistoryAsOracle(pair.alice, pair.bob)
        await assertManyEpochs(pair.bob)
        assert.deepEqual([pair.alice.refused, pair.bob.refused], [[], []])
      },
      { loss: 0.2, duplication: 0.2, reordering: 0.5, reorderWindow: 3_000 }
    )
  })

  it('exchanges 10,000 messages with a messenger that met it and starts anew again and again, while a third is lost', async () => {
    await inPair(
      oracle(),
      990,
      async (pair) => {
        const { world, alice, bob } = pair
        await alice.add(await bob.card())
        await alice.say(bob, 'Moin')
        await world.pass(10_000)
        await bob.listen(0)
        bob.talkTo(alice)
        await converseAtRandom(world, alice, bob, 10_000, { restart: 0.02 })
        await assertSameHistoryAsOracle(alice, bob)
        await assertManyEpochs(bob)
        assert.deepEqual([alice.refused, bob.refused], [[], []])
      },
      { loss: 0.33, reordering: 0.3 }
    )
  })
})

import assert from 'node:assert/strict'
import { verify } from '../../src/crypto/signature.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import {
  answerOracle,
  befriendOracle,
  describeWithOracle,
  inPair,
  untilTaken
} from '../support/oracle-pair.js'
import { assertSameHistoryAsOracle, converseAtRandom } from '../support/oracle-person.js'
import { hexOf } from '../support/protocol-endpoint.js'
import { signWithTorsion, smallOrderKeys, withLargerS } from '../support/torsion.js'
import { utf8 } from '../support/vectors.js'

describeWithOracle('the second implementation, written from docs/protocol.md alone,', (oracle) => {
  it('computes every worked example alike', async () => {
    const { compared, ...rest } = await oracle().ask('examples', { path: 'docs/protocol.md' })
    assert.deepEqual(rest, { differences: [], unused: [] })
    assert.ok(compared > 80, `only ${String(compared)} values`)
  })

  it('says the same of signatures on which lenient verifiers disagree', async () => {
    const [seed, message] = [new Uint8Array(32).fill(9), utf8('message')]
    const good = signWithTorsion(seed, message, 0, 0)
    const neutral = Uint8Array.from([1, ...new Uint8Array(63)])
    const bad = [
      { ...good, message: utf8('massage') },
      { ...good, signature: withLargerS(good.signature) },
      ...smallOrderKeys.flatMap((publicKey) => [
        { ...good, publicKey },
        { publicKey, message, signature: neutral }
      ]),
      ...[1, 2, 3, 4, 5, 6, 7].flatMap((torsion) => [
        signWithTorsion(seed, message, torsion, 0),
        signWithTorsion(seed, message, 0, torsion),
        signWithTorsion(seed, message, torsion, torsion)
      ])
    ]
    for (const one of [good, ...bad]) {
      const [key, signature] = [hexOf(one.publicKey), hexOf(one.signature)]
      const args = { public: key, message: hexOf(one.message), signature }
      const theirs = await oracle().ask('verify', args)
      assert.equal(theirs, one === good, `${key} ${signature}`)
      assert.equal(verify(one.signature, one.message, one.publicKey), theirs, `${key} ${signature}`)
    }
  })

  it('begins with a short card, asks for the bundle, and both see one conversation', async () => {
    await inPair(oracle(), 920, async (pair) => {
      const { world, alice, bob } = pair
      await bob.add(await alice.card())
      await world.pass(3_000)
      await bob.learnBundle('alice')
      for (const text of ['one', 'two', 'three']) await bob.say(text)
      await bob.until(() => alice.inbox.length === 3)
      assert.equal((await bob.known()).hellos, 3, 'all before the answer are hellos')
      await answerOracle(pair, 'four')
      await bob.say('five')
      await bob.until(() => alice.inbox.length === 4)
      assert.equal((await bob.known()).hellos, 3, 'and then there are no more')
      await assertSameHistoryAsOracle(alice, bob)
      assert.equal(await bob.ask('safety-number'), await alice.messenger.contacts.safetyNumber(bob.id))
      assert.equal((await bob.known()).profile, 'alice')
      assert.equal((await bob.known()).conversation, (await alice.contact(bob)).conversationId)
      await alice.markRead(bob)
      await bob.until(async () => (await bob.known()).readByThem === 4)
      await bob.ask('mark-read')
      await bob.until(async () =>
        (await alice.history(bob)).every(({ own, status }) => !own || status === 'read')
      )
      assert.deepEqual([alice.refused, bob.refused], [[], []])
    })
  })

  for (const [what, kind] of [
    ['a short card', { bundle: false }],
    ['a full card', {}]
  ] as const) {
    it(`answers a messenger that holds ${what}`, async () => {
      await inPair(oracle(), 930, async (pair) => {
        const { alice, bob } = pair
        assert.equal((await alice.add(await bob.card(kind))).id, bob.id)
        bob.talkTo(alice)
        await alice.sayAll(bob, ['one', 'two'])
        await alice.sayApart(bob, ['three', 'four'])
        for (let turn = 0; bob.inbox.length < 4; turn += 1) {
          assert.ok(turn < 200)
          await bob.listen(500)
        }
        await bob.say('five')
        await bob.until(() => alice.inbox.length === 1)
        await untilTaken(pair)
        await assertSameHistoryAsOracle(alice, bob)
        assert.deepEqual([alice.refused, bob.refused], [[], []])
      })
    })
  }

  it('agrees on one session when both begin at once', async () => {
    for (const seed of [960, 961, 962, 963]) {
      await inPair(oracle(), seed, async (pair) => {
        const { alice, bob } = pair
        const card = await bob.card()
        await bob.add(await alice.card({ size: 'full' }))
        await alice.add(card)
        await Promise.all([bob.say('mine'), alice.say(bob, 'yours')])
        await bob.until(() => alice.inbox.length === 1 && bob.inbox.length === 1)
        assert.equal((await bob.known()).sessions, 2)
        await answerOracle(pair, 'two')
        await bob.say('three')
        await untilTaken(pair)
        await assertSameHistoryAsOracle(alice, bob)
        assert.deepEqual([alice.refused, bob.refused], [[], []])
      })
    }
  })

  it('exchanges 300 messages by turns while a fifth is lost, a fifth doubled and half overtakes', async () => {
    const medium = { loss: 0.2, duplication: 0.2, reordering: 0.5 }
    await inPair(
      oracle(),
      970,
      async (pair) => {
        await befriendOracle(pair)
        await converseAtRandom(pair.world, pair.alice, pair.bob, 300)
        await assertSameHistoryAsOracle(pair.alice, pair.bob)
        const { epochs, piecesRefused } = await pair.bob.known()
        assert.ok(
          epochs?.every((epoch) => epoch > 0),
          'a post-quantum key was agreed on'
        )
        assert.deepEqual(piecesRefused, [])
        assert.deepEqual([pair.alice.refused, pair.bob.refused], [[], []])
      },
      medium
    )
  })

  it('agrees on post-quantum keys in a session that says one thing a day', async () => {
    await inPair(oracle(), 972, async (pair) => {
      await befriendOracle(pair)
      for (let day = 0; day < 40; day += 1) {
        await pair.world.pass(DAY_MS)
        if (day % 2 === 0) await pair.bob.say(`day ${String(day)}`)
        else await answerOracle(pair, `day ${String(day)}`)
        await untilTaken(pair)
      }
      const { epochs, piecesRefused } = await pair.bob.known()
      assert.ok(
        epochs?.every((epoch) => epoch > 1),
        String(epochs)
      )
      assert.deepEqual(piecesRefused, [])
      await assertSameHistoryAsOracle(pair.alice, pair.bob)
    })
  })

  for (const [what, begins] of [
    ['begins', true],
    ['is met', false]
  ] as const) {
    it(`without the post-quantum ratchet, and ${what}, is spoken to in the first version`, async () => {
      await inPair(
        oracle(),
        975,
        async (pair) => {
          const { alice, bob } = pair
          if (begins) await befriendOracle(pair)
          else {
            await alice.add(await bob.card())
            bob.talkTo(alice)
            await answerOracle(pair, 'Moin')
          }
          await converseAtRandom(pair.world, alice, bob, 200)
          await assertSameHistoryAsOracle(alice, bob)
          assert.equal((await bob.known()).epochs, null)
          assert.deepEqual([alice.refused, bob.refused], [[], []])
        },
        { capable: false }
      )
    })
  }
})

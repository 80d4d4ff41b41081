import assert from 'node:assert/strict'
import { befriend } from '../support/messenger-checks.js'
import type { Person } from '../../src/simulator/person.js'
import { textOf } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'

const DAY = 24 * 3_600_000

/** Bob goes on for a while, and then has the store he had before. */
async function rollBack(world: World, alice: Person, bob: Person, messages: number): Promise<void> {
  const old = await bob.backup()
  for (let n = 0; n < messages; n++) {
    await bob.say(alice, `lost to bob ${String(n)}`)
    const answer = await alice.say(bob, `also lost ${String(n)}`)
    await world.until(() => alice.statusOf(answer) === 'delivered')
  }
  await bob.crash()
  bob.store = old
  await bob.open()
}

describe('an old copy of a store', () => {
  for (const messages of [1, 10]) {
    it(`from ${String(messages)} messages ago neither ends the conversation nor claims what is not so`, async () => {
      await inWorld({ seed: 800 + messages }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await befriend(world, alice, bob)
        await rollBack(world, alice, bob, messages)
        const [hers, his] = [await alice.say(bob, 'Is all well?'), await bob.say(alice, 'I lost some')]
        await world.pass(2 * DAY)
        for (const [sender, message, receiver] of [
          [alice, hers, bob],
          [bob, his, alice]
        ] as const) {
          const arrived = (await receiver.history(sender)).some(
            (got) => !got.own && textOf(got) === textOf(message)
          )
          const { status } = (await sender.history(receiver)).find(({ id }) => id === message.id) ?? {}
          assert.equal(status === 'delivered', arrived, `${textOf(message)}: ${String(status)}`)
          assert.ok(arrived, `${textOf(message)} never arrived`)
        }
        // What Bob wrote and lost is still what Alice has, beside what he wrote under the same numbers.
        const texts = (await alice.history(bob)).map(textOf)
        for (let n = 0; n < messages; n++) assert.ok(texts.includes(`lost to bob ${String(n)}`))
        assert.equal(new Set((await alice.history(bob)).map(({ id }) => id)).size, texts.length)
        await alice.restart()
        const last = await bob.say(alice, 'Better now')
        await world.until(() => bob.statusOf(last) === 'delivered')
        // No nonce was used twice under any key: the random nonces of a copied store differ.
        const nonces = new Set<string>()
        const bytes = new Set<string>()
        for (const { envelope } of world.published) {
          nonces.add(Buffer.from(envelope.subarray(4, 32)).toString('hex'))
          bytes.add(Buffer.from(envelope).toString('hex'))
        }
        assert.equal(nonces.size, bytes.size)
      })
    })
  }
})

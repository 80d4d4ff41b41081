import assert from 'node:assert/strict'
import { inWorld } from '../support/messenger-world.js'

const DAY = 24 * 60 * 60 * 1000

describe('first contact by proof of work', function () {
  this.timeout(300_000)

  it('is possible again after an unanswered handshake of more than 64 messages has expired', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 110 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card({ size: 'full' })
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      await bob.sayAll(
        alice,
        Array.from({ length: 70 }, (_, n) => `early ${n}`)
      )
      await world.pass(9 * DAY)
      await bob.say(alice, 'late')
      await alice.open()
      await world.until(() => alice.inbox.length === 1, 120_000)
      assert.deepEqual(alice.heard, ['late'])
    })
  })

  it('serves any number of people with one reusable card', async () => {
    await inWorld({ seed: 111 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card({ reusable: true })
      for (const name of ['bob', 'carol', 'dora']) {
        const person = await world.person(name)
        await person.add(card)
        const message = await person.say(alice, `I am ${name}`)
        await world.until(() => person.statusOf(message) === 'delivered')
        assert.equal((await alice.contact(person)).origin, 'hello')
        await alice.say(person, `Hello ${name}`)
        await world.until(() => person.inbox.length === 1)
      }
      assert.deepEqual(alice.heard, ['I am bob', 'I am carol', 'I am dora'])
    })
  })
})

import assert from 'node:assert/strict'
import { MAX_STRANGER_MESSAGES } from '../../src/protocol/limits.js'
import { textOf } from '../../src/simulator/person.js'
import { inWorld } from '../../src/simulator/world.js'

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
      // One after the other, for messages of one breath share a hello.
      for (let n = 0; n < 70; n++) await bob.say(alice, `early ${String(n)}`)
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

  it('lets a stranger say only so much, and loses nothing of the rest once it is one no more', async () => {
    await inWorld({ seed: 112 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await bob.add(await alice.card({ reusable: true }))
      const texts = Array.from({ length: 50 }, (_, n) => `please ${String(n)}`)
      await bob.sayAll(alice, texts)
      await world.pass(600_000)
      // As many as travelled with bob's introduction: the next envelope would be too much.
      assert.equal(alice.inbox.length, MAX_STRANGER_MESSAGES - 1)
      await alice.restart()
      await alice.say(bob, 'Who are you?')
      await world.eventually('heard', () => Promise.resolve(alice.inbox.length === texts.length), 3_600_000)
      const received = (await alice.history(bob)).filter(({ own }) => !own).map(textOf)
      assert.deepEqual(received, texts)
      await world.eventually('delivered', async () =>
        (await bob.history(alice)).every(({ own, status }) => !own || status === 'delivered')
      )
    })
  })
})

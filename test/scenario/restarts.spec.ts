import assert from 'node:assert/strict'
import { MessengerError } from '../../src/errors.js'
import { assertNoKeyTwice, assertSameHistory } from '../support/messenger-checks.js'
import type { CommitFate } from '../../src/simulator/life.js'
import { textOf, type Person } from '../../src/simulator/person.js'
import { World } from '../../src/simulator/world.js'

/** What goes wrong, at one commit of one person. */
interface Fault {
  readonly who: 'alice' | 'bob'
  readonly at: number
  readonly fate: CommitFate
}

const TEXTS = { alice: ['a1', 'a2'], bob: ['b1', 'b2'] }

/** Do something a person would do again if the program died or said that it failed. */
async function insist(person: Person, action: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (!person.running && !(await person.open())) continue
    const outcome = await Promise.race([
      action().then(
        () => 'done',
        (error: unknown) => error
      ),
      person.life.died
    ])
    if (outcome === 'done') return
    if (outcome !== 'died' && !(outcome instanceof MessengerError && outcome.code === 'STORE_FULL'))
      throw outcome
  }
  assert.fail(`${person.name} never managed`)
}

async function sayOnce(world: World, person: Person, other: Person, text: string): Promise<void> {
  await insist(person, async () => {
    const known = (await person.history(other)).map(textOf)
    if (known.includes(text)) return
    const { conversationId } = await person.contact(other)
    const sent = person.messenger.send(conversationId, text)
    await world.run(Promise.race([sent, person.life.died]))
    if (person.life.alive) await sent
  })
}

/** A whole acquaintance, with one fault in it; says whether the fault happened. */
async function acquaintance(fault: Fault): Promise<boolean> {
  const world = new World({ seed: 300 + fault.at })
  let happened = false
  const alice = await world.person('alice')
  const bob = await world.person('bob')
  const victim = fault.who === 'alice' ? alice : bob
  const before = victim.commits
  victim.fateOfCommit = (count) => {
    if (count - before !== fault.at) return 'pass'
    happened = true
    return fault.fate
  }
  let card = ''
  await insist(alice, async () => {
    const made = alice.messenger.identity.card({ size: 'full' })
    card = await world.run(Promise.race([made, alice.life.died]))
  })
  await insist(bob, async () => {
    await world.run(Promise.race([bob.messenger.contacts.add(card), bob.life.died]))
    if (bob.running) await bob.contact(alice)
  })
  for (const text of TEXTS.bob) await sayOnce(world, bob, alice, text)
  await world.eventually('heard of bob', async () => {
    for (const person of [alice, bob]) await revived(person)
    return alice.running && (await knows(alice, bob))
  })
  for (const text of TEXTS.alice) await sayOnce(world, alice, bob, text)
  await world.eventually('all is there and delivered', async () => {
    for (const person of [alice, bob]) await revived(person)
    return (await isComplete(alice, bob)) && (await isComplete(bob, alice))
  })
  await insist(alice, () => markRead(world, alice, bob))
  await world.eventually('read', async () => {
    for (const person of [alice, bob]) await revived(person)
    if (!bob.running) return false
    const own = (await bob.history(alice)).filter((message) => message.own)
    return own.every(({ status }) => status === 'read')
  })
  await assertSameHistory(alice, bob, [...TEXTS.alice, ...TEXTS.bob])
  for (const person of [alice, bob]) {
    const own = (await person.history(person === alice ? bob : alice)).filter((message) => message.own)
    assert.deepEqual(own.map(textOf), TEXTS[person === alice ? 'alice' : 'bob'])
    assert.equal(new Set(person.inbox.map(({ id }) => id)).size, person.inbox.length, 'told of each once')
  }
  assertNoKeyTwice(world.published)
  assert.deepEqual([...alice.changes, ...bob.changes], [])
  await world.end()
  return happened
}

async function markRead(world: World, person: Person, other: Person): Promise<void> {
  const { conversationId } = await person.contact(other)
  const marked = person.messenger.conversations.markRead(conversationId)
  await world.run(Promise.race([marked, person.life.died]))
  if (person.life.alive) await marked
}

async function revived(person: Person): Promise<void> {
  if (!person.running) await person.open()
}

async function knows(person: Person, other: Person): Promise<boolean> {
  return (await person.messenger.contacts.list()).some(({ id }) => id === other.id)
}

async function isComplete(person: Person, other: Person): Promise<boolean> {
  if (!person.running) return false
  const history = await person.history(other)
  const own = history.filter((message) => message.own)
  return history.length === 4 && own.every(({ status }) => status === 'delivered' || status === 'read')
}

describe('a messenger that', function () {
  this.timeout(120_000)

  for (const [what, fate] of [
    ['dies before a commit', 'die-before'],
    ['dies after a commit', 'die-after'],
    ['cannot commit for want of space', new MessengerError('STORE_FULL', 'No space left')]
  ] as const) {
    it(`${what}, whichever it is, loses nothing, doubles nothing and uses no key twice`, async () => {
      for (const who of ['alice', 'bob'] as const) {
        let at = 1
        while (await acquaintance({ who, at, fate })) at++
        assert.ok(at > 8, `${who} made only ${String(at)} commits`)
      }
    })
  }
})

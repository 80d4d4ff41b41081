import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { MessageStatus } from '../../src/index.js'
import { textOf, type Person } from '../../src/simulator/person.js'
import type { Published, World } from '../../src/simulator/world.js'

const TAG = { from: 4, to: 20 }

/**
 * No message key was used twice: a tag belongs to one key of one sender, so two envelopes of one sender with the same tag
 * and other bytes betray it. The same bytes again are a retransmission.
 */
export function assertNoKeyTwice(published: readonly Published[]): void {
  const first = new Map<string, string>()
  for (const { by, envelope } of published) {
    const tag = `${by} ${Buffer.from(envelope.subarray(TAG.from, TAG.to)).toString('hex')}`
    const hash = createHash('sha256').update(envelope).digest('hex')
    const known = first.get(tag)
    assert.ok(known === undefined || known === hash, `${by} sealed two envelopes under one key`)
    first.set(tag, hash)
  }
}

/** Both sides hold the same messages in the same order, each once, and exactly these texts. */
export async function assertSameHistory(
  one: Person,
  other: Person,
  texts?: readonly string[]
): Promise<void> {
  const [mine, theirs] = [await one.history(other), await other.history(one)]
  assert.deepEqual(
    mine.map(({ id }) => id),
    theirs.map(({ id }) => id),
    'the same messages in the same order'
  )
  assert.deepEqual(mine.map(textOf), theirs.map(textOf))
  assert.equal(new Set(mine.map(({ id }) => id)).size, mine.length, 'each once')
  if (texts !== undefined) assert.deepEqual(mine.map(textOf).toSorted(), [...texts].toSorted())
}

/** Every own message has one of these statuses. */
export async function assertOwnStatuses(
  person: Person,
  other: Person,
  ...allowed: MessageStatus[]
): Promise<void> {
  for (const message of await person.history(other)) {
    if (message.own) assert.ok(allowed.includes(message.status), `${textOf(message)} is ${message.status}`)
  }
}

/** Bob adds a card of Alice's and both have spoken: an established session on both sides. */
export async function befriend(world: World, alice: Person, bob: Person): Promise<void> {
  await bob.add(await alice.card({ size: 'full' }))
  const greeting = await bob.say(alice, `I am ${bob.name}`)
  await world.until(() => alice.inbox.length > 0 && bob.statusOf(greeting) === 'delivered')
  const answer = await alice.say(bob, `Hello ${bob.name}`)
  await world.until(() => alice.statusOf(answer) === 'delivered')
}

import assert from 'node:assert/strict'
import type { MessengerOptions } from '../../src/index.js'
import type { Network } from '../../src/network/network.js'
import { encodePrefix, expiryDay, LANE_TAGGED } from '../../src/protocol/envelope/envelope.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { assertSameHistory, befriend } from '../support/messenger-checks.js'
import { createRecorder } from '../support/network-recorder.js'
import { seededRandom } from '../support/store-random.js'

const TOPIC = '/hallig/1/main/0'
const MINUTE = 60_000
const LIMIT = 150_000

interface Sent {
  readonly at: number
  readonly bytes: number
}

/** The most that was sent within an hour, wherever it begins. */
function mostInAnHour(sent: readonly Sent[]): number {
  let [most, sum, first] = [0, 0, 0]
  for (const { at, bytes } of sent) {
    sum += bytes
    for (
      let oldest = sent[first];
      oldest !== undefined && oldest.at <= at - 60 * MINUTE;
      oldest = sent[first]
    ) {
      sum -= oldest.bytes
      first++
    }
    most = Math.max(most, sum)
  }
  return most
}

/** Somebody who publishes envelopes for nobody, one every so often, and takes what others pass on. */
async function flood(world: World, every: number): Promise<Network> {
  const random = seededRandom('flood')
  const network = world.hub.createNetwork('mallory')
  network.join(TOPIC)
  await network.start(createRecorder().handlers)
  const publish = (): void => {
    const envelope = new Uint8Array(512)
    envelope.set(encodePrefix(LANE_TAGGED, expiryDay(world.clock.now(), 7 * DAY_MS), random(16)))
    envelope.set(random(64), 100)
    network.publish(TOPIC, envelope).catch((error: unknown) => assert.fail(String(error)))
    world.clock.schedule(every, publish)
  }
  publish()
  return network
}

/** Alice and bob are friends; carol is nobody's. All that alice sends from now on. */
async function inFlood(
  seed: number,
  options: Partial<MessengerOptions>,
  story: (world: World, alice: Person, bob: Person, sent: readonly Sent[]) => Promise<void>
): Promise<void> {
  const sent: Sent[] = []
  const onTransmit = ({ at, from, bytes }: { at: number; from: string; bytes: number }): void => {
    if (from === 'alice') sent.push({ at, bytes })
  }
  await inWorld({ seed, onTransmit }, async (world) => {
    const [bob, carol] = [await world.person('bob'), await world.person('carol')]
    const alice = await world.person('alice', { messenger: options })
    await befriend(world, alice, bob)
    // They hear each other through alice only.
    for (const [one, other] of [
      ['bob', 'carol'],
      ['bob', 'mallory'],
      ['carol', 'mallory']
    ] as const) {
      world.hub.cut(one, other)
      world.hub.cut(other, one)
    }
    await flood(world, 2_000)
    await story(world, alice, bob, sent)
    assert.ok(carol.running)
  })
}

describe('the budget of an hour', () => {
  it('is kept through hours of a flood, and what is one’s own goes on', async function () {
    this.timeout(120_000)
    await inFlood(831, { budget: { bytesPerHour: LIMIT } }, async (world, alice, bob, sent) => {
      for (let n = 0; n < 15; n++) {
        await world.pass(10 * MINUTE)
        const [routine, emergency] = [
          await alice.say(bob, `routine ${String(n)}`),
          await alice.say(bob, `help ${String(n)}`, { priority: 'emergency' })
        ]
        await world.until(() => alice.statusOf(emergency) === 'delivered', 10_000)
        await world.until(() => alice.statusOf(routine) === 'delivered', 10_000)
      }
      const { budget } = await alice.messenger.status()
      assert.deepEqual([budget.limit, budget.stopped], [LIMIT, ['foreign']])
      assert.ok(budget.used <= LIMIT && budget.used > LIMIT / 2 - 2_000, String(budget.used))
      assert.ok((budget.roomAt ?? 0) > world.clock.now())
      const most = mostInAnHour(sent)
      assert.ok(most <= LIMIT && most > LIMIT / 2 - 2_000, String(most))
    })
  })

  it('is broken by the same flood where there is none', async function () {
    this.timeout(120_000)
    await inFlood(831, {}, async (world, alice, _bob, sent) => {
      await world.pass(70 * MINUTE)
      assert.ok(mostInAnHour(sent) > 3 * LIMIT, String(mostInAnHour(sent)))
      const { budget } = await alice.messenger.status()
      assert.deepEqual([budget.limit, budget.stopped, budget.roomAt], [undefined, [], undefined])
    })
  })

  it('has routine messages wait for room, and an emergency pass them; not even a restart gives more', async function () {
    this.timeout(120_000)
    await inFlood(832, { budget: { bytesPerHour: LIMIT } }, async (world, alice, bob, sent) => {
      await world.pass(50 * MINUTE)
      const long = 'x'.repeat(3_000)
      const letters = await alice.sayApart(
        bob,
        Array.from({ length: 20 }, () => long)
      )
      await world.pass(MINUTE)
      const waiting = (): number => letters.filter((letter) => alice.statusOf(letter) === 'queued').length
      assert.ok(waiting() > 10, String(waiting()))
      const before = (await alice.messenger.status()).budget.used
      await alice.restart()
      assert.ok((await alice.messenger.status()).budget.used >= before)
      await world.pass(MINUTE)
      assert.ok(waiting() > 10, String(waiting()))
      const emergency = await alice.say(bob, 'help', { priority: 'emergency' })
      await world.until(() => alice.statusOf(emergency) === 'delivered', 10_000)
      await world.until(() => letters.every((letter) => alice.statusOf(letter) === 'delivered'), 180 * MINUTE)
      assert.ok(mostInAnHour(sent) <= LIMIT, String(mostInAnHour(sent)))
      await assertSameHistory(alice, bob)
    })
  })

  it('is refused if it is no number of bytes, or too small to hold an emergency', async () => {
    await inWorld({ seed: 833 }, async (world) => {
      const alice = await world.person('alice')
      await world.run(alice.close())
      for (const bytesPerHour of [0, 65_535, 1.5e5 + 0.5, Number.NaN, Infinity])
        await assert.rejects(alice.open({ budget: { bytesPerHour } }), { code: 'OPTIONS_INVALID' })
      assert.ok(await alice.open({ budget: { bytesPerHour: 65_536 } }))
    })
  })
})

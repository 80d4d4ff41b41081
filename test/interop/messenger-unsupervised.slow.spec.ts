import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { MessengerProcess } from '../support/messenger-processes.js'
import { casesAtOnce } from '../support/cases-at-once.js'
import { createVillage, type Village } from '../support/messenger-village.js'
import { lose, loseEvenly } from '../support/network-namespaces.js'
import type { Supervision } from '../support/network-unsupervised.js'
import { waitFor } from '../support/network-wait.js'

const FEW = 20
/** Messages each way while packets are lost, and how many of them at once. */
const MANY = 250
const BURST = 10
/** Milliseconds between two bursts. */
const PACE_MS = 1_000
/** Milliseconds for which nothing arrives where nobody dials; where somebody does, all does within a few seconds. */
const QUIET_MS = 20_000
/** Milliseconds any step may take on a busy machine. */
const LIMIT_MS = 240_000

describe('links that end in namespaces', function () {
  this.timeout(4 * LIMIT_MS)
  const itAtOnce = casesAtOnce()

  function itHolds(title: string, supervision: Supervision, act: (place: Village) => Promise<void>): void {
    itAtOnce(title, () => createVillage([], { supervision }), act)
  }

  /** Both send, from their first message to number `each`; resolves when all is stored, not when it has arrived. */
  async function bothSend({ alice, bob }: Village, each: number): Promise<void> {
    await Promise.all([alice, bob].map((person) => person.ask('send', [String(each)])))
  }

  async function givenUp({ links }: Village, ...people: readonly MessengerProcess[]): Promise<void> {
    for (const person of people)
      await waitFor('the link to be given up', async () => (await links(person)).length === 0, LIMIT_MS)
  }

  /** How many messages of the other each has. */
  async function heard({ alice, bob, history }: Village): Promise<number[]> {
    return [(await history(alice)).theirs, (await history(bob)).theirs]
  }

  function losePackets({ namespaces }: Village, ...rules: readonly string[]): void {
    for (const rule of rules) {
      namespaces.run('alice', `iptables -A INPUT -i bob ${rule}`)
      namespaces.run('bob', `iptables -A INPUT -i alice ${rule}`)
    }
  }

  /** Nothing comes any more, although nothing is in the way, until somebody dials. */
  async function assertStranded(place: Village, each: number): Promise<void> {
    const before = await heard(place)
    await delay(QUIET_MS)
    assert.deepEqual(await heard(place), before)
    assert.deepEqual([await place.links(place.alice), await place.links(place.bob)], [[], []])
    await place.link()
    await place.settled(each, each, LIMIT_MS)
  }

  for (const supervision of ['full', 'none'] as const) {
    const isStranded = supervision === 'none'
    const outcome = isStranded
      ? 'nothing comes where nobody supervises them, until somebody dials'
      : 'all comes'

    async function finish(place: Village, each = 2 * FEW): Promise<void> {
      if (isStranded) {
        await assertStranded(place, each)
        return
      }
      const took = await place.settled(each, each, LIMIT_MS)
      process.stdout.write(`      all there and known to be after ${(took / 1_000).toFixed(1)} s\n`)
    }

    itHolds(
      `after a silent cut that lasted until both gave up the link: ${outcome}`,
      supervision,
      async (place) => {
        await bothSend(place, FEW)
        await place.settled(FEW, FEW, LIMIT_MS)
        for (const chain of ['INPUT', 'OUTPUT']) place.namespaces.run('alice', `iptables -A ${chain} -j DROP`)
        await bothSend(place, 2 * FEW)
        await givenUp(place, place.alice, place.bob)
        assert.deepEqual(await heard(place), [FEW, FEW])
        place.namespaces.run('alice', 'iptables -F')
        await finish(place)
      }
    )

    itHolds(
      `after one of them slept until the other gave up the link: ${outcome}`,
      supervision,
      async (place) => {
        await bothSend(place, FEW)
        await place.settled(FEW, FEW, LIMIT_MS)
        place.bob.signal('SIGSTOP')
        await place.alice.ask('send', [String(2 * FEW)])
        await givenUp(place, place.alice)
        place.bob.signal('SIGCONT')
        await place.bob.ask('send', [String(2 * FEW)])
        await finish(place)
      }
    )

    itHolds(
      `after half of all packets were lost until a link ended: ${outcome}`,
      supervision,
      async (place) => {
        await bothSend(place, BURST)
        await place.settled(BURST, BURST, LIMIT_MS)
        const [link = 0] = await place.links(place.alice)
        losePackets(place, lose(0.5))
        let each = BURST
        const began = performance.now()
        while ((await place.links(place.alice)).includes(link)) {
          assert.ok(performance.now() - began < LIMIT_MS, 'the link lasts')
          await bothSend(place, (each += BURST))
          await delay(PACE_MS)
        }
        if (isStranded) await givenUp(place, place.bob)
        await bothSend(place, (each += BURST))
        for (const name of ['alice', 'bob']) place.namespaces.run(name, 'iptables -F')
        await finish(place, each)
      }
    )
  }

  itHolds(
    'while 30 % of all packets are lost do not end: all comes, although nobody supervises them',
    'none',
    async (place) => {
      await bothSend(place, BURST)
      await place.settled(BURST, BURST, LIMIT_MS)
      const links = await place.links(place.alice)
      losePackets(place, ...loseEvenly())
      for (let each = 2 * BURST; each <= MANY; each += BURST) {
        await bothSend(place, each)
        await delay(PACE_MS)
      }
      await place.settled(MANY, MANY, LIMIT_MS)
      assert.deepEqual(await place.links(place.alice), links)
    }
  )
})

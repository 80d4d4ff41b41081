import type { MediumOptions } from '../../src/network/memory-medium.js'
import { assertNoKeyTwice } from './messenger-checks.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { OraclePerson } from './oracle-person.js'
import { oracleMissing, startOracle, type Oracle } from './oracle-process.js'

/** A messenger of ours and the oracle, in one world. */
export interface Pair {
  readonly world: World
  readonly alice: Person
  readonly bob: OraclePerson
}

/** A suite with one running oracle, or a word on why there is none. */
export function describeWithOracle(title: string, suite: (oracle: () => Oracle) => void): void {
  describe(title, function () {
    let running: Oracle | undefined

    before(function () {
      const missing = oracleMissing()
      if (missing !== undefined) {
        console.log(`      ${missing}`)
        this.skip()
      }
      running = startOracle()
    })

    after(async () => {
      await running?.end()
    })

    suite(() => {
      if (running === undefined) throw new Error('The oracle does not run')
      return running
    })
  })
}

/** Run `story` with a messenger and the oracle, who have not met. */
export async function inPair(
  oracle: Oracle,
  seed: number,
  story: (pair: Pair) => Promise<void>,
  medium: Omit<MediumOptions, 'clock'> & { readonly capable?: boolean } = {}
): Promise<void> {
  const { capable, ...conditions } = medium
  await inWorld({ seed, ...conditions }, async (world) => {
    const alice = await world.person('alice')
    const bob = new OraclePerson(world, 'bob', oracle)
    await bob.open(capable)
    await story({ world, alice, bob })
    assertNoKeyTwice(world.published)
    await bob.close()
  })
}

/** The oracle begins with a full card, and the messenger answers. */
export async function befriendOracle(pair: Pair): Promise<void> {
  const { alice, bob } = pair
  await bob.add(await alice.card({ size: 'full' }))
  await bob.say('Moin')
  await bob.until(() => alice.inbox.length === 1)
  await answerOracle(pair, 'Moin moin')
}

/** The messenger says something, until the oracle has acknowledged it. */
export async function answerOracle({ alice, bob }: Pair, text: string): Promise<void> {
  const message = await alice.say(bob, text)
  await bob.until(() => alice.statusOf(message) === 'delivered')
}

/** Until everything the oracle said is acknowledged. */
export async function untilTaken({ bob }: Pair): Promise<void> {
  await bob.until(async () => (await bob.known()).outbox === 0)
}

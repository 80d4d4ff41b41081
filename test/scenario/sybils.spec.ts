import assert from 'node:assert/strict'
import type { Message } from '../../src/index.js'
import type { Network } from '../../src/network/network.js'
import { SYNC_CONTACTS } from '../../src/protocol/limits.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { createSybils } from '../support/hostile-nodes.js'
import { befriend } from '../support/messenger-checks.js'
import { withoutAddresses } from '../support/network-unguarded.js'

const SYBILS = 100
const HONEST = 5
/** Rounds of reconciliation with contacts for one link: who compared just before it had the news tells it with the next. */
const ROUNDS_OF_A_LINK = 2

/** Whose mesh gossip goes through. */
interface Gossip {
  isOwnedBySybils: boolean
}

/** A network whose gossip, once the Sybils own everybody's mesh, is handed over to them, and nobody honest hears it. */
function eclipsed(network: Network, gossip: Gossip): Network {
  return {
    ...network,
    publish: (topic, envelope) =>
      gossip.isOwnedBySybils ? Promise.resolve({ recipients: SYBILS }) : network.publish(topic, envelope)
  }
}

/** Five people, each of whom hears its neighbours in a row only and knows them; the two at the ends know each other. */
async function openRow(world: World, wrapNetwork: (network: Network) => Network): Promise<Person[]> {
  const people: Person[] = []
  for (let n = 0; n < HONEST; n += 1) people.push(await world.person(`h${String(n)}`, { wrapNetwork }))
  for (const [n, one] of people.entries()) {
    const other = people[(n + 1) % HONEST]
    assert.ok(other)
    await befriend(world, one, other)
  }
  await world.pass(60_000)
  for (const [n, one] of people.entries())
    for (const [m, other] of people.entries()) if (Math.abs(n - m) > 1) world.hub.cut(one.name, other.name)
  return people
}

interface Said {
  readonly by: Person
  readonly to: Person
  readonly message: Message
}

/** Have everybody say something to both people it knows, when the Sybils have all gossip and every session they get. */
async function sayAmongSybils(
  world: World,
  wrapNetwork: (network: Network) => Network = (network) => network
): Promise<{ readonly near: readonly Said[]; readonly far: readonly Said[] }> {
  const gossip: Gossip = { isOwnedBySybils: false }
  const people = await openRow(world, (network) => wrapNetwork(eclipsed(network, gossip)))
  await createSybils(
    world,
    SYBILS,
    people.map(({ name }) => name)
  )
  await world.pass(60_000)
  gossip.isOwnedBySybils = true
  const said: Said[] = []
  for (const [n, one] of people.entries()) {
    const other = people[(n + 1) % HONEST]
    assert.ok(other)
    said.push({ by: one, to: other, message: await one.say(other, `there ${one.name}`) })
    said.push({ by: other, to: one, message: await other.say(one, `back ${other.name}`) })
  }
  const isFar = ({ by, to }: Said): boolean => Math.abs(people.indexOf(by) - people.indexOf(to)) > 1
  return { near: said.filter((one) => !isFar(one)), far: said.filter(isFar) }
}

function isDelivered({ by, message }: Said): boolean {
  return by.statusOf(message) === 'delivered'
}

describe('one hundred Sybils that tell nobody anything', function () {
  this.timeout(60_000)
  const rounds = ROUNDS_OF_A_LINK * 2 * SYNC_CONTACTS

  it('and hold sessions open in silence keep nothing from five honest people, who reconcile with their contacts', async () => {
    await inWorld({ seed: 961 }, async (world) => {
      const { near, far } = await sayAmongSybils(world)
      await world.until(() => near.every(isDelivered), rounds)
      await world.until(() => far.every(isDelivered), rounds * (HONEST - 1))
    })
  })

  it('keep them apart where contacts have no sessions of their own, as nobody knows whose node is whose', async () => {
    await inWorld({ seed: 961 }, async (world) => {
      const { near, far } = await sayAmongSybils(world, withoutAddresses)
      await world.pass(rounds * HONEST)
      const delivered = [...near, ...far].filter(isDelivered).length
      process.stdout.write(`      delivered: ${String(delivered)} of ${String(near.length + far.length)}\n`)
      assert.ok(delivered < near.length / 2, String(delivered))
    })
  })
})

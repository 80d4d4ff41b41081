import { homeOf, INHABITANTS, type Island, type Islands } from './islands.js'
import { createNamespaces, type Namespaces } from './namespaces.js'

/** Everybody's only interface besides loopback, and the switch of an island. */
const INTERFACE = 'lan0'
const SWITCH = 'switch0'
/** Both islands use the same addresses, as two sites of one people do: nothing but a cable is missing between them. */
const SUBNET = '10.77.0'
const STRANGER = 10
const FIRST_HOST = 11

/** Islands of network namespaces: each person a computer with one cable to the switch of the island. Throws where that cannot be had. */
export function createCableIslands(networkName: string): Islands {
  const people = [...INHABITANTS.Langeness, ...INHABITANTS.Hooge]
  const islands = Object.keys(INHABITANTS)
  const namespaces = createNamespaces(networkName, [...islands, ...people].map(lower))
  try {
    for (const island of islands) {
      namespaces.ip(
        lower(island),
        // A switch that guesses who wants multicast waits for routers that are not there.
        `link add name ${SWITCH} type bridge mcast_snooping 0`,
        `addr add ${SUBNET}.${STRANGER}/24 dev ${SWITCH}`,
        `link set ${SWITCH} up`
      )
    }
    return islandsOf(namespaces, networkName, people)
  } catch (error) {
    namespaces.remove()
    throw error
  }
}

function islandsOf(namespaces: Namespaces, name: string, people: readonly string[]): Islands {
  const addresses = new Map<string, string>()
  const whereabouts = new Map<string, Island>()
  let host = FIRST_HOST
  const plugIn = (person: string, island: Island): void => {
    const [computer, site] = [lower(person), lower(island)]
    const address = `${SUBNET}.${host++}`
    namespaces.cable(computer, INTERFACE, site, computer)
    namespaces.ip(site, `link set ${computer} master ${SWITCH} up`)
    namespaces.ip(computer, `addr add ${address}/24 dev ${INTERFACE}`, `link set ${INTERFACE} up`)
    addresses.set(person, address)
    whereabouts.set(person, island)
  }
  for (const person of people) plugIn(person, homeOf(person))
  return {
    account:
      'Every one of them has a network namespace, a computer of its own, with one cable to the switch of the island. No cable joins the islands.',
    isFoundByMulticast: true,
    placeOf: (person) => ({ prefix: namespaces.prefix(lower(person)), settings: { name, lan: true } }),
    islandOf: (person) => whereabouts.get(person) ?? homeOf(person),
    strangerOn: (island) => namespaces.prefix(lower(island)),
    arrive: () => undefined,
    walk: (person, to) => {
      const before = addresses.get(person.name) ?? ''
      namespaces.ip(lower(person.name), `link delete ${INTERFACE}`)
      plugIn(person.name, to)
      const after = addresses.get(person.name) ?? ''
      return Promise.resolve(`pulls her cable (${before}), walks, plugs in on ${to} (${after})`)
    },
    join: () => {
      const [one, other] = ['langeness', 'hooge']
      namespaces.cable(one, other, other, one)
      namespaces.ip(one, `link set ${other} master ${SWITCH} up`)
      namespaces.ip(other, `addr flush dev ${SWITCH}`, `link set ${one} master ${SWITCH} up`)
      return 'a cable joins the two switches'
    },
    remove: () => {
      namespaces.remove()
    }
  }
}

function lower(name: string): string {
  return name.toLowerCase()
}

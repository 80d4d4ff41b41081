import { homeOf, type Island, type Islander, type Islands } from './islands.js'

/**
 * The two who write to each other across the water: they tell each other the addresses they listen on, so they listen on
 * none. Whoever is on their island does, and they dial it.
 */
const RETICENT = ['Alice', 'Dora']

/** Islands of addresses, for where namespaces cannot be had: nobody knows an address of the other island, and nobody searches. */
export function createAddressIslands(networkName: string, why: string): Islands {
  const whereabouts = new Map<string, Island>()
  const people = new Map<string, Islander>()
  const islandOf = (name: string): Island => whereabouts.get(name) ?? homeOf(name)
  const arrive = (person: Islander): void => {
    for (const other of people.values()) {
      if (other === person || !other.isUp || islandOf(other.name) !== islandOf(person.name)) continue
      link(person, other)
    }
    people.set(person.name, person)
  }
  return {
    account: `${why}, so the islands are groups of addresses: all run on the loopback interface, nobody searches the network, and everybody is told addresses of the own island only.`,
    isFoundByMulticast: false,
    placeOf: (person) => ({
      prefix: [],
      settings: {
        name: networkName,
        lan: false,
        listen: RETICENT.includes(person) ? [] : ['/ip4/127.0.0.1/tcp/0']
      }
    }),
    islandOf,
    strangerOn: () => [],
    arrive,
    walk: async (person, to) => {
      await person.close()
      whereabouts.set(person.name, to)
      await person.start()
      arrive(person)
      return `closes, walks, starts again on ${to} and dials who is there`
    },
    join: () => {
      const [emil, bob] = [people.get('Emil'), people.get('Bob')]
      if (emil !== undefined && bob !== undefined) link(emil, bob)
      return 'Emil dials an address of Bob'
    },
    remove: () => undefined
  }
}

/** One of them dials the other, whichever listens. */
function link(one: Islander, other: Islander): void {
  const [dialler, listener] = other.addresses.length > 0 ? [one, other] : [other, one]
  const [address] = listener.addresses
  if (address !== undefined) dialler.dial(address)
}

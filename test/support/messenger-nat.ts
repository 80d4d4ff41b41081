import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { MessengerProcess, type Surroundings } from './messenger-processes.js'
import { statusOf } from './messenger-village.js'
import { createNamespaces, type Namespaces } from './network-namespaces.js'
import { waitFor } from './network-wait.js'
import { temporaryDirectory } from './store-temporary.js'

/** Milliseconds in which a person has a place at each relay. */
const LIMIT_MS = 60_000
const PORT = '4040'
/** The namespaces of two relays, each with a public address. */
const RELAYS = { first: '203.0.113.1', second: '203.0.113.5' } as const

export type RelayName = keyof typeof RELAYS

/** Alice and bob, each at home behind a router that translates addresses and lets nobody in, and two public hosts for relays. */
export interface Homes {
  /** Start a relay of ours: in another network than the people, so that its gossip carries nothing of theirs. */
  startRelay(name: RelayName): Promise<MessengerProcess>
  /** Start a relay of somebody else, with the default bounds, or one that ends links after so many milliseconds. */
  startForeignRelay(name: RelayName, linkMs?: number): Promise<MessengerProcess>
  /** Start both, each reached through these relays, or only linked to others of them; bob adds alice by a card with her addresses. */
  startPeople(
    relays: readonly MessengerProcess[],
    bootstrap?: readonly MessengerProcess[]
  ): Promise<{ alice: MessengerProcess; bob: MessengerProcess }>
  /** End everything and leave nothing behind. */
  remove(): Promise<void>
}

/** How the routers of both homes treat ports. */
export interface HomeOptions {
  /** They give who dials another port than its own, at random; if not, its own as long as that is free. */
  readonly changePorts?: boolean
}

export async function createHomes({ changePorts = false }: HomeOptions = {}): Promise<Homes> {
  const directory = await temporaryDirectory()
  const namespaces = createNamespaces(['net', 'first', 'second', 'home-a', 'home-b', 'alice', 'bob'])
  const running: MessengerProcess[] = []
  const network = randomUUID().slice(0, 24)
  layCables(namespaces, changePorts)

  async function start(
    name: string,
    args: readonly string[],
    surroundings: Surroundings
  ): Promise<MessengerProcess> {
    const child = new MessengerProcess(name, args, { ...surroundings, prefix: namespaces.prefix(name) })
    running.push(child)
    await child.until('opened', () => child.opened !== undefined || child.failed !== undefined)
    if (child.failed !== undefined) throw new Error(`${name}: ${child.failed}`)
    return child
  }

  async function startPerson(
    name: string,
    relays: readonly MessengerProcess[],
    bootstrap: readonly MessengerProcess[]
  ): Promise<MessengerProcess> {
    const args = [join(directory.path, name), `t-${network}`, '0', ...bootstrap.map(publicAddress)]
    const person = await start(name, args, { lan: true, relays: relays.map(publicAddress) })
    const places = async (): Promise<number> =>
      (await statusOf(person)).addresses.filter((address) => address.includes('/p2p-circuit')).length
    await waitFor(
      `${name} has a place at each relay`,
      async () => (await places()) === relays.length,
      LIMIT_MS
    )
    return person
  }

  return {
    startRelay: (name) =>
      start(name, [join(directory.path, name), `r-${network}`, PORT], { lan: true, relay: true }),
    startForeignRelay: (name, linkMs) =>
      start(name, [`/ip4/${RELAYS[name]}/tcp/${PORT}`, ...(linkMs === undefined ? [] : [String(linkMs)])], {
        script: 'relay-child.js'
      }),
    async startPeople(relays, bootstrap = []) {
      const [alice, bob] = await Promise.all([
        startPerson('alice', relays, bootstrap),
        startPerson('bob', relays, bootstrap)
      ])
      await bob.ask('add', [String(await alice.ask('card', ['with addresses']))])
      return { alice, bob }
    },
    async remove() {
      await Promise.all(running.map((child) => child.kill()))
      namespaces.remove()
      await directory.remove()
    }
  }
}

/** Resolves when alice has heard of bob. */
export async function introduced(
  { alice, bob }: { readonly alice: MessengerProcess; readonly bob: MessengerProcess },
  limitMs: number
): Promise<void> {
  const isKnown = async (): Promise<boolean> => (await alice.ask('knows', [bob.opened?.id ?? ''])) === true
  await waitFor('alice hears of bob', isKnown, limitMs)
}

/** Addresses of the links a person has to others than these, through a relay or not. */
export async function linksOf(
  person: MessengerProcess,
  others: readonly MessengerProcess[]
): Promise<string[]> {
  const known = new Set(others.map(peerIdOf))
  return (await statusOf(person)).peers.filter(({ peer }) => !known.has(peer)).map(({ address }) => address)
}

/** The peer id of a relay. */
export function peerIdOf(relay: MessengerProcess): string {
  return publicAddress(relay).replace(/.*\/p2p\//, '')
}

function publicAddress(relay: MessengerProcess): string {
  const address = relay.opened?.addresses.find((candidate) => candidate.startsWith('/ip4/203.0.113.'))
  if (address === undefined) throw new Error('The relay has no public address')
  return address
}

function layCables(namespaces: Namespaces, changePorts: boolean): void {
  const { cable, ip, run } = namespaces
  cable('first', '203.0.113.1/30', 'net', '203.0.113.2/30')
  cable('second', '203.0.113.5/30', 'net', '203.0.113.6/30')
  cable('home-a', '203.0.113.9/30', 'net', '203.0.113.10/30')
  cable('home-b', '203.0.113.13/30', 'net', '203.0.113.14/30')
  // As in most homes, the same addresses in both.
  cable('alice', '192.168.1.2/24', 'home-a', '192.168.1.1/24')
  cable('bob', '192.168.1.2/24', 'home-b', '192.168.1.1/24')
  for (const [name, gateway] of [
    ['first', '203.0.113.2'],
    ['second', '203.0.113.6'],
    ['home-a', '203.0.113.10'],
    ['home-b', '203.0.113.14'],
    ['alice', '192.168.1.1'],
    ['bob', '192.168.1.1']
  ] as const)
    ip(name, `route add default via ${gateway}`)
  for (const name of ['net', 'home-a', 'home-b']) run(name, 'sysctl -q -w net.ipv4.ip_forward=1')
  for (const name of ['home-a', 'home-b']) {
    run(name, `iptables -t nat -A POSTROUTING -o net -j MASQUERADE${changePorts ? ' --random-fully' : ''}`)
    // As most routers do, they say nothing to who dials them from outside.
    run(name, 'iptables -A INPUT -i net -m conntrack --ctstate NEW -j DROP')
    run(name, 'iptables -A FORWARD -i net -m conntrack --ctstate NEW -j DROP')
  }
}

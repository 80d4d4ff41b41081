import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { createMessenger, isMessengerError, type Messenger } from '../../src/index.js'
import { Handshakes } from '../../src/network/libp2p/handshakes.js'
import {
  MAX_INBOUND_PER_HOST_AND_SECOND,
  MAX_PENDING_CONNECTIONS,
  MAX_PENDING_PER_HOST
} from '../../src/network/limits.js'
import { testNetworkOptions } from '../support/network-libp2p.js'
import { startBareNode } from '../support/network-node.js'
import { createRawPeer } from '../support/network-raw-peer.js'
import { waitFor } from '../support/network-wait.js'

const MEBIBYTE = 1_048_576
/** Hosts that have all places when each has its share, and as many that each can have one or two. */
const CROWD = MAX_PENDING_CONNECTIONS / MAX_PENDING_PER_HOST
const MANY = 200
/** Hosts that have all places with one each, four times over. */
const MORE = 4 * MAX_PENDING_CONNECTIONS
/** Dials of all hosts together. */
const DIALS_PER_SECOND = 1_000
/** ms between two bursts of dials. */
const BURST = 50
/** Dials in a row that show that nobody gets in. */
const REFUSED = 20
/** ms that js-libp2p waits for a silent connection before it gives its place away. */
const SILENCE = 10_000
/** Tries to be done with those dials before. */
const ATTEMPTS = 5
const TCP = '/ip4/127.0.0.1/tcp/0'
const WEB_SOCKET = `${TCP}/ws`
/** Dials before the contact comes. */
const FLOOD = 4 * DIALS_PER_SECOND
/** Dials until the contact must have got in: some seconds' worth. They are counted, as a busy machine slows the flood as it slows the contact; not as much where others compute. */
const PATIENCE = 5 * DIALS_PER_SECOND
/** ms any step may take on a busy machine. */
const LIMIT = 60_000

describe('a messenger that is dialled a thousand times a second', () => {
  let messengers: Messenger[]
  let nodes: Libp2p[]
  let stop: () => void

  beforeEach(() => {
    messengers = []
    nodes = []
    stop = () => undefined
  })
  afterEach(async () => {
    stop()
    for (const messenger of messengers) await messenger.close()
    for (const node of nodes) await node.stop()
  })

  async function open(name: string, libp2p?: Libp2p, socket = TCP): Promise<Messenger> {
    const listen = { listen: [socket] }
    const network = { name: 'test', lan: false, ...(libp2p === undefined ? listen : { libp2p }) }
    const messenger = await createMessenger({ name, network })
    messengers.push(messenger)
    return messenger
  }

  for (const { hosts, socket } of [
    { hosts: CROWD, socket: TCP },
    { hosts: MANY, socket: TCP },
    { hosts: MANY, socket: WEB_SOCKET }
  ]) {
    it(`at ${socket} by strangers on ${String(hosts)} hosts who then say nothing is reached by a contact within seconds, and does not grow`, async function () {
      // Other systems have one loopback address only.
      if (process.platform !== 'linux') this.skip()
      this.timeout(3 * LIMIT)
      const { dials, grown } = await reach(hosts, socket)
      assert.ok(dials < PATIENCE, `${String(dials)} dials`)
      assert.ok(grown < 100, `${String(Math.round(grown))} MiB more`)
    })
  }

  it('by strangers on more hosts than there are places, who then say nothing, is reached by a contact whose handshake is quicker than they take them all', async function () {
    if (process.platform !== 'linux') this.skip()
    this.timeout(3 * LIMIT)
    await reach(MORE, TCP)
  })

  /** Have a contact dial and write through a flood until it is heard: dials of the flood meanwhile, and MiB that this process has more. */
  async function reach(
    hosts: number,
    socket: string
  ): Promise<{ readonly dials: number; readonly grown: number }> {
    const [alice, bob] = [await open('alice'), await open('bob', undefined, socket)]
    const address = (await bob.status()).addresses[0] ?? ''
    const { conversationId } = await alice.contacts.add(
      await bob.identity.card({ size: 'full', addresses: false })
    )
    const heard: string[] = []
    bob.addEventListener('message:receive', ({ detail }) => {
      if (detail.content.kind === 'text') heard.push(detail.content.text)
    })
    const flood = startFlood(Number(address.split('/')[4]), hosts)
    stop = flood.stop
    const before = process.memoryUsage().rss
    await waitFor('the flood', () => flood.dials >= FLOOD, LIMIT)
    const [began, first] = [performance.now(), flood.dials]
    await alice.send(conversationId, 'through the flood')
    const dial = async (): Promise<void> => {
      while (heard.length === 0) {
        await dialled(alice, address)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    void dial()
    await waitFor('bob to hear', () => heard.length === 1, LIMIT)
    const [took, dials] = [performance.now() - began, flood.dials - first]
    const grown = (process.memoryUsage().rss - before) / MEBIBYTE
    console.log(
      `      reached after ${String(dials)} dials more, ${String(Math.round(took))} ms, ${grown.toFixed(0)} MiB more`
    )
    return { dials, grown }
  }

  /** What comes of a dial: it is reached, or the code of the error. */
  async function dialled(alice: Messenger, address: string): Promise<string> {
    return await alice.dial(address).then(
      () => 'reached',
      (error: unknown) => (isMessengerError(error) ? error.code : String(error))
    )
  }

  /** Whether a contact is refused while a flood lasts, and only then; `undefined` if it got in when places may have been free again. */
  async function isRefused(node: Libp2p, hosts: number): Promise<boolean | undefined> {
    nodes.push(node)
    const [alice, bob] = [await open('alice'), await open('bob', node)]
    const address = (await bob.status()).addresses[0] ?? ''
    const began = performance.now()
    const flood = startFlood(Number(address.split('/')[4]), hosts)
    stop = flood.stop
    await waitFor('the flood', () => flood.dials > 4 * MAX_PENDING_CONNECTIONS, LIMIT)
    for (let n = 0; n < REFUSED; n += 1) {
      const outcome = await dialled(alice, address)
      if (outcome === 'reached') return performance.now() - began < SILENCE ? false : undefined
      assert.equal(outcome, 'DIAL_FAILED')
    }
    stop()
    for (let n = 0; n < REFUSED; n += 1) if ((await dialled(alice, address)) === 'reached') return true
    assert.fail('it was not the flood')
  }

  async function refuse(start: () => Promise<Libp2p>, hosts: number): Promise<void> {
    for (let n = 0; n < ATTEMPTS; n += 1) {
      const outcome = await isRefused(await start(), hosts)
      stop()
      if (outcome === true) return
      assert.notEqual(outcome, false, 'it is reached')
    }
    assert.fail('this machine is too busy to say')
  }

  it('by strangers who then say nothing is not reached where hosts may have more than their share of handshakes', async function () {
    if (process.platform !== 'linux') this.skip()
    this.timeout(ATTEMPTS * LIMIT)
    const bounds = {
      inboundConnectionThreshold: MAX_INBOUND_PER_HOST_AND_SECOND,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS
    }
    await refuse(() => createRawPeer({}, [], bounds), CROWD - 1)
  })

  it('by strangers who then say nothing is not reached where hosts have their share for as long as they like', async function () {
    if (process.platform !== 'linux') this.skip()
    this.timeout(ATTEMPTS * LIMIT)
    await refuse(() => startBareNode(testNetworkOptions(), [TCP], new FirstCome()), CROWD)
  })
})

/** Handshakes that keep a host to its share, and make nobody else room. */
class FirstCome extends Handshakes {
  #count = 0

  override admit(host: string, drop: () => void): (() => void) | undefined {
    if (this.#count >= MAX_PENDING_CONNECTIONS) return undefined
    const settle = super.admit(host, drop)
    if (settle === undefined) return undefined
    this.#count += 1
    let isSettled = false
    return () => {
      settle()
      if (!isSettled) this.#count -= 1
      isSettled = true
    }
  }
}

/** Each an address of its own on the loopback interface, whose net has 16 million. */
function hostOf(number: number): string {
  return `127.0.${String(1 + Math.floor(number / 250))}.${String(1 + (number % 250))}`
}

/** Dial from many hosts, hold every connection and say nothing. */
function startFlood(port: number, hosts: number): { readonly dials: number; stop: () => void } {
  const sockets = new Set<Socket>()
  let dials = 0
  const timer = setInterval(() => {
    for (let n = 0; n < (DIALS_PER_SECOND * BURST) / 1_000; n += 1) {
      const localAddress = hostOf(dials % hosts)
      const socket = connect({ host: '127.0.0.1', port, localAddress })
      dials += 1
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
  }, BURST)
  return {
    get dials() {
      return dials
    },
    stop: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    }
  }
}

import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { createMessenger, type Messenger } from '../../src/index.js'
import {
  MAX_INBOUND_PER_HOST_AND_SECOND,
  MAX_PENDING_CONNECTIONS,
  MAX_PENDING_PER_HOST
} from '../../src/network/limits.js'
import { createRawPeer } from '../support/network-raw-peer.js'
import { waitFor } from '../support/network-wait.js'

const MEBIBYTE = 1_048_576
/** Hosts that dial, as many as leave room for others, and dials of all of them in a second. */
const HOSTS = Math.floor((MAX_PENDING_CONNECTIONS - 1) / MAX_PENDING_PER_HOST)
const DIALS_PER_SECOND = 1_000
/** ms between two bursts of dials. */
const BURST = 50
/** Dials in a row that show that nobody gets in: some seconds less than a silent connection is waited for. */
const REFUSED = 20
/** ms of flood before the contact comes. */
const FLOOD = 4_000

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

  async function open(name: string, libp2p?: Libp2p): Promise<Messenger> {
    const listen = { listen: ['/ip4/127.0.0.1/tcp/0'] }
    const network = { name: 'test', lan: false, ...(libp2p === undefined ? listen : { libp2p }) }
    const messenger = await createMessenger({ name, network })
    messengers.push(messenger)
    return messenger
  }

  it('by strangers who then say nothing is reached by a contact within seconds, and does not grow', async function () {
    // Other systems have one loopback address only.
    if (process.platform !== 'linux') this.skip()
    this.timeout(60_000)
    const [alice, bob] = [await open('alice'), await open('bob')]
    const address = (await bob.status()).addresses[0] ?? ''
    const { conversationId } = await alice.contacts.add(
      await bob.identity.card({ size: 'full', addresses: false })
    )
    const heard: string[] = []
    bob.addEventListener('message:receive', ({ detail }) => {
      if (detail.content.kind === 'text') heard.push(detail.content.text)
    })
    const flood = startFlood(Number(address.split('/')[4]))
    stop = flood.stop
    const before = process.memoryUsage().rss
    await new Promise((resolve) => setTimeout(resolve, FLOOD))
    const began = performance.now()
    await alice.send(conversationId, 'through the flood')
    const dial = async (): Promise<void> => {
      while (heard.length === 0) {
        await alice.dial(address).then(
          () => true,
          () => false
        )
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    void dial()
    await waitFor('bob to hear', () => heard.length === 1, 20_000)
    const took = performance.now() - began
    const grown = (process.memoryUsage().rss - before) / MEBIBYTE
    console.log(
      `      reached after ${String(Math.round(took))} ms of ${String(flood.dials)} dials, ${grown.toFixed(0)} MiB more`
    )
    assert.ok(took < 5_000, `${String(Math.round(took))} ms`)
    assert.ok(grown < 100, `${String(Math.round(grown))} MiB more`)
    assert.ok(flood.dials > (FLOOD / 1_000) * DIALS_PER_SECOND * 0.5, `${String(flood.dials)} dials`)
  })

  it('by strangers who then say nothing is not reached where hosts may have more than their share of handshakes', async function () {
    if (process.platform !== 'linux') this.skip()
    this.timeout(60_000)
    const node = await createRawPeer({}, [], {
      inboundConnectionThreshold: MAX_INBOUND_PER_HOST_AND_SECOND,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS
    })
    nodes.push(node)
    const [alice, bob] = [await open('alice'), await open('bob', node)]
    const address = (await bob.status()).addresses[0] ?? ''
    const flood = startFlood(Number(address.split('/')[4]))
    stop = flood.stop
    await waitFor('the flood', () => flood.dials > 4 * MAX_PENDING_CONNECTIONS, 10_000)
    for (let n = 0; n < REFUSED; n += 1) await assert.rejects(alice.dial(address), { code: 'DIAL_FAILED' })
    stop()
    let isIn = false
    for (let n = 0; n < REFUSED && !isIn; n += 1) {
      isIn = await alice.dial(address).then(
        () => true,
        () => false
      )
    }
    assert.ok(isIn, 'it was the flood')
  })
})

/** Dial from many hosts, hold every connection and say nothing. */
function startFlood(port: number): { readonly dials: number; stop: () => void } {
  const sockets = new Set<Socket>()
  let dials = 0
  const timer = setInterval(() => {
    for (let n = 0; n < (DIALS_PER_SECOND * BURST) / 1_000; n += 1) {
      const localAddress = `127.0.1.${String(1 + (dials % HOSTS))}`
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

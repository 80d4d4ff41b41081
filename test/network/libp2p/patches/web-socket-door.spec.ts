import '../../../../src/network/libp2p/transports/web-socket.js'
import type { Libp2p } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { MAX_PENDING_PER_HOST, WEB_SOCKET_UPGRADE_MS } from '../../../../src/network/limits.js'
import { createVirtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.js'
import { testNetworkOptions } from '../../../support/network-libp2p.js'
import { startBareNode } from '../../../support/network-node.js'
import { waitFor } from '../../../support/network-wait.js'

const LISTEN = ['/ip4/127.0.0.1/tcp/0/ws']
const REQUEST = 'GET / HTTP/1.1\r\nhost: bob\r\n'
const UPGRADE = [
  `${REQUEST}connection: upgrade`,
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
].join('\r\n')
/** Milliseconds in which something is seen at the other side, on a busy machine. */
const LIMIT_MS = 5_000

function heard(predicate: () => boolean | Promise<boolean>): Promise<void> {
  return waitFor('what is expected', predicate, LIMIT_MS)
}

describe('network/libp2p/patches/web-socket-door', () => {
  let clock: VirtualClock
  let bob: Libp2p
  let others: Libp2p[]
  let dials: { readonly socket: Socket; isOpen: boolean; heard: string }[]

  beforeEach(async () => {
    clock = createVirtualClock()
    bob = await startBareNode(testNetworkOptions({ clock }), LISTEN)
    others = []
    dials = []
  })
  afterEach(async () => {
    for (const { socket } of dials) socket.destroy()
    for (const node of [bob, ...others]) await node.stop()
  })

  /** Dial as often, and say only this. */
  async function dial(times: number, said = ''): Promise<void> {
    const port = Number(bob.getMultiaddrs()[0]?.toString().split('/')[4])
    for (let n = 0; n < times; n += 1) {
      const socket = connect(port, '127.0.0.1')
      const one = { socket, isOpen: false, heard: '' }
      dials.push(one)
      socket.on('error', () => undefined)
      socket.on('close', () => (one.isOpen = false))
      socket.on('data', (data) => (one.heard += data.toString('latin1')))
      await new Promise<void>((resolve) => socket.once('connect', resolve))
      one.isOpen = true
      socket.write(said)
    }
  }

  const open = (): number => dials.filter(({ isOpen }) => isOpen).length

  async function link(): Promise<void> {
    const alice = await startBareNode(testNetworkOptions(), [])
    others.push(alice)
    await alice.dial(bob.getMultiaddrs())
    await heard(() => bob.getConnections().length > 0)
  }

  for (const [what, said] of Object.entries({
    nothing: '',
    'half a request': REQUEST,
    'a whole one': `${REQUEST}\r\n`
  })) {
    it(`closes after its time who dials and says ${what}, and keeps links`, async () => {
      await link()
      await dial(3, said)
      await heard(() => !said.endsWith('\r\n\r\n') || dials.every(({ heard }) => heard !== ''))
      assert.equal(open(), 3)
      await clock.advance(WEB_SOCKET_UPGRADE_MS)
      await heard(() => open() === 0)
      assert.equal(bob.getConnections().length, 1)
    })
  }

  it('lets in no more of a host than its share, and is open to it when they have gone', async () => {
    await dial(MAX_PENDING_PER_HOST + 3)
    await heard(() => open() === MAX_PENDING_PER_HOST)
    const alice = await startBareNode(testNetworkOptions(), [])
    others.push(alice)
    await assert.rejects(alice.dial(bob.getMultiaddrs()))
    for (const { socket } of dials.splice(0)) socket.destroy()
    await heard(() =>
      alice.dial(bob.getMultiaddrs()).then(
        () => true,
        () => false
      )
    )
  })

  it('closes the socket of a WebSocket whose handshake comes to nothing, although the other side does not close it', async () => {
    await dial(1, UPGRADE)
    const [stranger] = dials
    await heard(() => stranger?.heard.startsWith('HTTP/1.1 101') === true)
    // A masked frame of five bytes, which are the length of a message that is too long.
    stranger?.socket.write(Uint8Array.of(0x82, 0x85, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f))
    await heard(() => open() === 0)
  })

  it('ends although somebody is there who says nothing', async () => {
    await dial(2)
    await bob.stop()
    await heard(() => open() === 0)
  })

  it('is needed as long as the transport of js-libp2p does not end then', async () => {
    await bob.stop()
    bob = await createLibp2p({ addresses: { listen: LISTEN }, transports: [webSockets()] })
    await dial(1)
    let hasEnded = false
    const ended = Promise.resolve(bob.stop()).then(() => (hasEnded = true))
    await assert.rejects(waitFor('its end', () => hasEnded, 1_000))
    for (const { socket } of dials) socket.destroy()
    await ended
  })
})

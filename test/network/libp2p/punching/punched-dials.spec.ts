import '../../../../src/platform/polyfill.js'
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Connection, Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { member } from '../../../../src/codec/member.js'
import { noiseAtOnce } from '../../../../src/network/libp2p/patches/early-noise.js'
import { yamuxOfEarlyStreams } from '../../../../src/network/libp2p/patches/early-streams.js'
import { replacing } from '../../../../src/network/libp2p/patches/replacing.js'
import { Punches, withPunches } from '../../../../src/network/libp2p/punching/punched-dials.js'
import { withoutPeer } from '../../../../src/network/libp2p/addresses.js'
import { waitFor } from '../../../support/network-wait.js'
import { freePort } from '../../../support/messenger-processes.js'

const PROTOCOL = '/hallig/test/1'

interface Puncher {
  readonly node: Libp2p
  readonly punches: Punches
}

describe('network/libp2p/punching/punched-dials', function () {
  this.timeout(30_000)
  let nodes: Libp2p[]
  let sockets: Socket[]
  let server: Server | undefined

  beforeEach(() => {
    ;[nodes, sockets, server] = [[], [], undefined]
  })
  afterEach(async () => {
    for (const node of nodes) await node.stop()
    for (const socket of sockets) socket.destroy()
    server?.close()
  })

  async function start(): Promise<Puncher> {
    const punches = new Punches()
    const node = await createLibp2p({
      transports: [withPunches(tcp(), punches)],
      connectionProtector: noiseAtOnce,
      connectionEncrypters: [noise()],
      streamMuxers: [yamuxOfEarlyStreams({})]
    })
    nodes.push(node)
    await node.handle(PROTOCOL, (stream) => {
      stream.addEventListener('message', ({ data }) => stream.send(data))
    })
    return { node, punches }
  }

  /** Where two who dial are joined, as they are by two NATs: neither is dialled. */
  async function startMeeting(): Promise<Multiaddr> {
    server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      const [one, other] = sockets
      if (one !== undefined && other !== undefined) one.pipe(other).pipe(one)
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return multiaddr(`/ip4/127.0.0.1/tcp/${String(port)}`)
  }

  /** Resolves with what comes back over a new stream. */
  async function echo(connection: Connection): Promise<string> {
    const stream = await connection.newStream(PROTOCOL)
    const heard = new Promise<string>((resolve) => {
      stream.addEventListener('message', ({ data }) => {
        resolve(Buffer.from(data.subarray()).toString())
      })
    })
    stream.send(Buffer.from('is anybody there'))
    return heard
  }

  it('make one connection of two that dial each other in the same moment, over which streams go both ways', async () => {
    const [alice, bob] = [await start(), await start()]
    const address = await startMeeting()
    const ports = [await freePort(), await freePort()]
    const [alicePort = 0, bobPort = 0] = ports
    alice.punches.add(address, { localPort: alicePort, speaksFirst: true })
    bob.punches.add(address, { localPort: bobPort, speaksFirst: false })
    const connections = await Promise.all([alice.node.dial(address), bob.node.dial(address)])
    assert.deepEqual(new Set(sockets.map(({ remotePort }) => remotePort)), new Set(ports))
    const [one, other] = connections
    assert.equal(String(one.remotePeer), String(bob.node.peerId))
    assert.equal(String(other.remotePeer), String(alice.node.peerId))
    assert.deepEqual([one.direction, other.direction], ['outbound', 'inbound'])
    // Streams of both at once: had both numbered theirs as the one that dialled, they would be the same.
    assert.deepEqual(
      await Promise.all([echo(one), echo(other), echo(one), echo(other)]),
      new Array(4).fill('is anybody there')
    )
  })

  it('are needed as long as the option not to speak first does not reach the transport', async () => {
    const seen: unknown[] = []
    const node = await createLibp2p({
      transports: [
        (components) =>
          replacing(tcp()(components), 'dial', (_address, given) => {
            seen.push(member(given, 'initiator'))
            return Promise.reject(new Error('It dials nobody'))
          })
      ]
    })
    nodes.push(node)
    const options: object = { initiator: false }
    await assert.rejects(node.dial(multiaddr('/ip4/127.0.0.1/tcp/9'), options))
    assert.deepEqual(seen, [undefined])
  })

  it('are as any other where no port was agreed on, and after it was forgotten', async () => {
    const { node, punches } = await start()
    const listener = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()]
    })
    nodes.push(listener)
    const address = multiaddr(withoutPeer(listener.getMultiaddrs()[0] ?? multiaddr()))
    const localPort = await freePort()
    const from = (): string | undefined => listener.getConnections()[0]?.remoteAddr.toString()
    const agreed = `/ip4/127.0.0.1/tcp/${String(localPort)}`
    const forget = punches.add(address, { localPort, speaksFirst: true })
    const connection = await node.dial(address)
    await waitFor('the connection', () => from()?.startsWith(agreed) === true, 5_000)
    await connection.close()
    await waitFor('its end', () => from() === undefined, 5_000)
    forget()
    assert.equal(punches.of(address), undefined)
    await node.dial(address)
    await waitFor('another connection', () => from()?.startsWith(agreed) === false, 5_000)
  })

  it('forget what was agreed on last only when that is over', () => {
    const punches = new Punches()
    const address = multiaddr('/ip4/203.0.113.9/tcp/50000')
    const forgetFirst = punches.add(address, { localPort: 50_001, speaksFirst: true })
    punches.add(address, { localPort: 50_002, speaksFirst: true })
    forgetFirst()
    assert.equal(punches.of(address)?.localPort, 50_002)
  })
})

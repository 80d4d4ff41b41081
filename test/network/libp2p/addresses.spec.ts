import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { isMessengerError } from '../../../src/errors.js'
import {
  ipOf,
  isRelayed,
  isWebSocket,
  nearestFirst,
  parseAddress,
  peerOf,
  portOf,
  withoutPeer
} from '../../../src/network/libp2p/addresses.js'

const PEER = '12D3KooWDPA4rB5RHGDkDkTD13fucYDMwsjv7vtrd3cUSU4nGgJz'

describe('network/libp2p/addresses', () => {
  it('puts the LAN first and the loopback last, IPv4 before IPv6, TCP before WebSocket', () => {
    const sorted = [
      '/ip4/192.168.1.5/tcp/1',
      '/ip4/192.168.1.5/tcp/2/ws',
      '/ip6/fd00::5/tcp/1',
      '/ip4/8.8.8.8/tcp/1',
      '/dns4/example.org/tcp/1',
      '/ip6/2001:db8::1/tcp/1',
      `/ip4/192.168.1.5/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${PEER}`,
      '/ip4/169.254.1.1/tcp/1',
      '/ip4/127.0.0.1/tcp/1',
      '/ip4/127.0.0.1/tcp/2/ws',
      '/ip6/::1/tcp/1'
    ]
    const shuffled = sorted.toReversed().map((address) => multiaddr(address))
    const again = shuffled.toSorted(nearestFirst).map(String)
    assert.deepEqual(
      again.filter((address) => !address.includes('dns')),
      sorted.filter((address) => !address.includes('dns'))
    )
  })

  it('reads peer, IP address, port and kind', () => {
    const address = multiaddr(`/ip4/10.0.0.2/tcp/4001/ws/p2p/${PEER}`)
    assert.deepEqual(
      [
        peerOf(address.toString()),
        ipOf(address),
        portOf(address),
        isWebSocket(address),
        withoutPeer(address)
      ],
      [PEER, '10.0.0.2', 4001, true, '/ip4/10.0.0.2/tcp/4001/ws']
    )
    assert.equal(peerOf('/ip4/10.0.0.2/tcp/4001'), undefined)
  })

  it('tells what leads through a relay, and keeps who is asked for there', () => {
    const text = `/ip4/10.0.0.2/tcp/4001/p2p/${PEER}/p2p-circuit/p2p/${PEER}`
    const relayed = multiaddr(text)
    assert.deepEqual([isRelayed(relayed), withoutPeer(relayed), peerOf(text)], [true, text, PEER])
    assert.equal(isRelayed(multiaddr(`/ip4/10.0.0.2/tcp/4001/p2p/${PEER}`)), false)
  })

  it('calls what is no multiaddr by its name', () => {
    for (const text of [
      '',
      'localhost:4001',
      '/ip4/300.0.0.1/tcp/1',
      '/ip4/1.2.3.4/tcp/99999999',
      '/nonsense/1',
      // Reads well and cannot be encoded: no base58 has an `l`.
      '/ip4/10.0.0.1/tcp/1/p2p/12D3KooWillegal',
      '/dns4'
    ]) {
      assert.throws(
        () => parseAddress(text),
        (error) => isMessengerError(error, 'ADDRESS_INVALID') && error.message.startsWith(`'${text}' is no`),
        text
      )
    }
  })
})

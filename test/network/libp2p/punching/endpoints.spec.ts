import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import {
  decodeEndpoints,
  encodeEndpoints,
  endpointAt,
  familyOf
} from '../../../../src/network/libp2p/punching/endpoints.js'

const publicIp4 = fc
  .tuple(fc.integer({ min: 11, max: 99 }), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((bytes) => bytes.join('.'))
const publicIp6 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 })
  .map((groups) => `2001:${groups.map((group) => group.toString(16)).join(':')}`)
const ports = fc.integer({ min: 1_024, max: 0xffff })
const endpoints = fc.array(fc.tuple(fc.oneof(publicIp4, publicIp6), ports), { maxLength: 2 })

/** A message that says what nobody would encode. */
function saying(...addresses: string[]): Uint8Array {
  return encodeEndpoints(addresses.map((address) => multiaddr(address)))
}

describe('network/libp2p/punching/endpoints', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(endpoints, (pairs) => {
        const written = pairs.map(([ip, port]) => endpointAt(ip, port))
        const read = decodeEndpoints(encodeEndpoints(written))
        assert.deepEqual(read?.map(String), written.map(String))
      })
    )
  })

  it('have a family', () => {
    assert.equal(familyOf(endpointAt('203.0.113.9', 50_000)), 4)
    assert.equal(familyOf(endpointAt('2001:db8::9', 50_000)), 6)
  })

  it('lead to no neighbour, no router, no service of a host and nothing but TCP', () => {
    for (const address of [
      '/ip4/192.168.1.1/tcp/50000',
      '/ip4/127.0.0.1/tcp/50000',
      '/ip4/0.0.0.0/tcp/50000',
      '/ip4/169.254.169.254/tcp/50000',
      '/ip4/239.1.2.3/tcp/50000',
      '/ip4/255.255.255.255/tcp/50000',
      '/ip6/::1/tcp/50000',
      '/ip6/fe80::1/tcp/50000',
      '/ip6/fd00::1/tcp/50000',
      '/ip6/ff02::1/tcp/50000',
      '/ip6/::ffff:10.0.0.1/tcp/50000',
      '/ip6/::ffff:239.1.2.3/tcp/50000',
      '/ip4/203.0.113.9/tcp/1023',
      '/ip4/203.0.113.9/tcp/0',
      '/ip4/203.0.113.9/udp/50000',
      '/ip4/203.0.113.9',
      '/dns4/hallig.example/tcp/50000',
      '/ip4/203.0.113.9/tcp/50000/ws'
    ])
      assert.equal(decodeEndpoints(saying(address)), undefined, address)
    assert.equal(decodeEndpoints(saying('/ip4/203.0.113.9/tcp/1024'))?.length, 1)
  })

  it('are two at most, and none is an answer too', () => {
    const one = '/ip4/203.0.113.9/tcp/50000'
    assert.equal(decodeEndpoints(saying(one, one))?.length, 2)
    assert.equal(decodeEndpoints(saying(one, one, one)), undefined)
    assert.deepEqual(decodeEndpoints(saying()), [])
  })

  it('end where their message ends', () => {
    const message = saying('/ip4/203.0.113.9/tcp/50000', '/ip6/2001:db8::9/tcp/50000')
    for (let length = 0; length < message.length; length += 1)
      assert.equal(decodeEndpoints(message.slice(0, length)), undefined, String(length))
    assert.equal(decodeEndpoints(Uint8Array.of(...message, 0)), undefined)
  })

  it('survive anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        decodeEndpoints(bytes)
      }),
      { numRuns: 2_000 }
    )
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  BEACON_BYTES,
  BEACON_ID_BYTES,
  NETWORK_TAG_BYTES,
  decodeBeacon,
  encodeBeacon
} from '../../../../src/network/libp2p/lan/beacon.js'

const beacons = fc.record({
  networkTag: fc.uint8Array({ minLength: NETWORK_TAG_BYTES, maxLength: NETWORK_TAG_BYTES }),
  id: fc.uint8Array({ minLength: BEACON_ID_BYTES, maxLength: BEACON_ID_BYTES }),
  tcp: fc.nat(0xffff),
  ws: fc.nat(0xffff)
})

describe('network/libp2p/lan/beacon', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(beacons, (beacon) => {
        const datagram = encodeBeacon(beacon)
        assert.equal(datagram.length, BEACON_BYTES)
        const decoded = decodeBeacon(datagram)
        assert.ok(decoded !== undefined)
        assert.deepEqual(encodeBeacon(decoded), datagram)
        assert.deepEqual([decoded.tcp, decoded.ws, hex(decoded.id)], [beacon.tcp, beacon.ws, hex(beacon.id)])
      })
    )
  })

  it('takes no datagram that is shorter, longer or of something else', () => {
    fc.assert(
      fc.property(
        beacons,
        fc.nat(BEACON_BYTES - 1),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        (beacon, cut, more) => {
          const datagram = encodeBeacon(beacon)
          assert.equal(decodeBeacon(datagram.slice(0, cut)), undefined)
          assert.equal(decodeBeacon(Uint8Array.from([...datagram, ...more])), undefined)
          const other = datagram.slice()
          other[cut % 5] = (other[cut % 5] ?? 0) ^ 0xff
          assert.equal(decodeBeacon(other), undefined)
        }
      )
    )
  })

  it('survives anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        decodeBeacon(bytes)
      }),
      { numRuns: 2_000 }
    )
  })
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

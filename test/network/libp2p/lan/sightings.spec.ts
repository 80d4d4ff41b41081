import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  MAX_ADDRESSES_PER_SIGHTING,
  MAX_SIGHTINGS,
  MAX_SIGHTINGS_PER_IP,
  SIGHTING_TTL_MS,
  YIELD_MS,
  dialable,
  expire,
  sight
} from '../../../../src/network/libp2p/lan/sightings.js'
import type { Sightings } from '../../../../src/network/libp2p/lan/sightings.js'

const NOBODY: Sightings = new Map()

describe('network/libp2p/lan/sightings', () => {
  it('has the node with the greater id dial at once, and the other only if that does not come', () => {
    const heard = { id: 'b', ip: '10.0.0.2', address: '/ip4/10.0.0.2/tcp/1' }
    const { sightings } = sight(NOBODY, heard, 0)
    assert.deepEqual(dialable(sightings, 'c', 0), {
      links: [{ id: 'b', addresses: [heard.address] }],
      nextAt: undefined
    })
    assert.deepEqual(dialable(sightings, 'a', 0), { links: [], nextAt: YIELD_MS })
    assert.equal(dialable(sightings, 'a', YIELD_MS).links.length, 1)
  })

  it('tells when there is something new to dial: a node, an address, but not another beacon', () => {
    const first = sight(NOBODY, { id: 'b', ip: '10.0.0.2', address: 'one' }, 0)
    const again = sight(first.sightings, { id: 'b', ip: '10.0.0.2', address: 'one' }, 1)
    const other = sight(again.sightings, { id: 'b', ip: '10.1.0.2', address: 'two' }, 2)
    assert.deepEqual([first.news, again.news, other.news], [true, false, true])
    assert.deepEqual(dialable(other.sightings, 'c', 2).links[0]?.addresses, ['two', 'one'])
  })

  it('forgets who fell silent, and not who goes on', () => {
    const first = sight(NOBODY, { id: 'b', ip: '10.0.0.2', address: 'one' }, 0)
    const both = sight(first.sightings, { id: 'c', ip: '10.0.0.3', address: 'two' }, SIGHTING_TTL_MS)
    assert.deepEqual([...expire(both.sightings, SIGHTING_TTL_MS + 1).keys()], ['c'])
  })

  it('forgets everybody when the clock was set back, so that who still calls is dialled in time', () => {
    const heard = { id: 'b', ip: '10.0.0.2', address: 'one' }
    const day = 86_400_000
    const { sightings } = sight(NOBODY, heard, day)
    assert.deepEqual([...expire(sightings, 0).keys()], [])
    const again = sight(expire(sightings, 0), heard, 1)
    assert.equal(again.news, true)
    assert.equal(dialable(again.sightings, 'a', 1 + YIELD_MS).links.length, 1)
  })

  it('stays within its bounds whatever is shouted', () => {
    const heard = fc.record({
      id: fc.stringMatching(/^[0-9a-f]{16}$/),
      ip: fc.nat(5).map((n) => `10.0.0.${n}`),
      address: fc.nat(20).map((n) => `address ${n}`)
    })
    fc.assert(
      fc.property(fc.array(heard, { minLength: 200, maxLength: 400 }), (shouts) => {
        let sightings = NOBODY
        for (const [now, shout] of shouts.entries()) ({ sightings } = sight(sightings, shout, now))
        assert.ok(sightings.size <= MAX_SIGHTINGS)
        const perIp = new Map<string, number>()
        for (const { ip, addresses } of sightings.values()) {
          perIp.set(ip, (perIp.get(ip) ?? 0) + 1)
          assert.ok(addresses.length <= MAX_ADDRESSES_PER_SIGHTING)
        }
        for (const count of perIp.values()) assert.ok(count <= MAX_SIGHTINGS_PER_IP)
      }),
      { numRuns: 30 }
    )
  })
})

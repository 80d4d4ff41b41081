import assert from 'node:assert/strict'
import { peerOf, toldAddresses } from '../../../src/messenger/contacts/told-addresses.js'
import { MAX_ADDRESS_BYTES } from '../../../src/protocol/limits.js'

const LAN = ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/2/ws', '/ip6/fd00::1/tcp/1']
const RELAYED = [
  '/ip4/203.0.113.7/tcp/1/p2p/R/p2p-circuit/p2p/B',
  '/ip4/203.0.113.8/tcp/1/p2p/S/p2p-circuit/p2p/B'
]
const [FIRST = '', SECOND = ''] = RELAYED

describe('messenger/contacts/told-addresses', () => {
  it('are the first there is room for', () => {
    assert.deepEqual(toldAddresses(LAN, 2), LAN.slice(0, 2))
    assert.deepEqual(toldAddresses([], 2), [])
  })

  it('end in the peer that is reached by them', () => {
    assert.deepEqual([FIRST, '/ip4/10.0.0.1/tcp/1/p2p/A', '/memory/alice'].map(peerOf), ['B', 'A', 'alice'])
  })

  it('always have a relay among them if there is one, and others where there is room', () => {
    assert.deepEqual(toldAddresses([...LAN, ...RELAYED], 2), [LAN[0], FIRST])
    assert.deepEqual(toldAddresses([FIRST, ...LAN, SECOND], 4), [...LAN, FIRST])
    assert.deepEqual(toldAddresses([...RELAYED, ...LAN], 5), [...LAN, FIRST, SECOND])
    assert.deepEqual(toldAddresses(RELAYED, 1), [FIRST])
  })

  it('lead back to the same device only where nothing leads elsewhere', () => {
    const back = ['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/1', '/ip4/127.0.0.2/tcp/1/ws']
    const outside = ['/ip6/::1234/tcp/1', '/ip4/12.7.0.1/tcp/1']
    assert.deepEqual(toldAddresses(back, 2), back.slice(0, 2))
    assert.deepEqual(toldAddresses([...back, ...LAN], 8), LAN)
    assert.deepEqual(toldAddresses([...outside, ...back], 8), outside)
    assert.deepEqual(toldAddresses([...back, FIRST], 8), [FIRST])
  })

  it('leave out what is longer than others take', () => {
    const long = `/dns4/${'a'.repeat(MAX_ADDRESS_BYTES)}/tcp/1/p2p/R/p2p-circuit/p2p/B`
    assert.deepEqual(toldAddresses([long, ...LAN], 2), LAN.slice(0, 2))
  })
})

import assert from 'node:assert/strict'
import { isNeighbour, localAddresses } from '../../../../src/network/libp2p/lan/local-addresses.js'
import type { LocalAddress } from '../../../../src/network/libp2p/lan/local-addresses.js'

const eth: LocalAddress = { zone: 'eth0', family: 4, ip: '10.1.2.3', prefix: 20, broadcast: '10.1.15.255' }
const six: LocalAddress = { zone: 'eth0', family: 6, ip: 'fd00::2', prefix: 64, broadcast: undefined }

describe('network/libp2p/lan/local-addresses', () => {
  it('lists addresses with a broadcast address inside their subnet', () => {
    const addresses = localAddresses()
    assert.ok(addresses.length > 0)
    for (const address of addresses) {
      assert.ok(isNeighbour(address.ip, [address]))
      if (address.broadcast !== undefined) assert.ok(isNeighbour(address.broadcast, [address]))
      assert.doesNotMatch(address.ip, /^fe80|^::1$/)
    }
  })

  it('tells neighbours from strangers, by subnet and family', () => {
    assert.ok(isNeighbour('10.1.15.254', [eth, six]))
    assert.ok(!isNeighbour('10.1.16.1', [eth, six]))
    assert.ok(isNeighbour('fd00::77', [eth, six]))
    assert.ok(!isNeighbour('fd01::77', [eth, six]))
    assert.ok(!isNeighbour('8.8.8.8', []))
  })
})

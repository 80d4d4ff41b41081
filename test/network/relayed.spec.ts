import assert from 'node:assert/strict'
import { leadsThroughRelay } from '../../src/network/relayed.js'

describe('network/relayed', () => {
  it('knows an address through a relay by its text, also one that is no address', () => {
    assert.equal(leadsThroughRelay('/ip4/10.0.0.1/tcp/4001/p2p/12D3/p2p-circuit'), true)
    assert.equal(leadsThroughRelay('/carrier-pigeon/7/p2p-circuit/p2p/12D3'), true)
    assert.equal(leadsThroughRelay('/ip4/10.0.0.1/tcp/4001/p2p/12D3'), false)
  })
})

import assert from 'node:assert/strict'
import { addressOf, nameOf } from '../../src/network/memory-address.js'

describe('network/memory-address', () => {
  it('names the node that is dialled at it, and none at an address of another network', () => {
    assert.equal(nameOf(addressOf('alice')), 'alice')
    assert.equal(nameOf('/ip4/127.0.0.1/tcp/4001'), undefined)
  })
})

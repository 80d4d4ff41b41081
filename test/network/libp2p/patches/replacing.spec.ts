import assert from 'node:assert/strict'
import { replacing } from '../../../../src/network/libp2p/patches/replacing.js'

describe('network/libp2p/patches/replacing', () => {
  it('has another member, and all the others as they are and as they become', () => {
    const target = { count: 1, name: () => 'real', increase: (by: number) => (target.count += by) }
    const replaced = replacing(target, 'name', () => 'replaced')
    assert.equal(replaced.name(), 'replaced')
    assert.equal(target.name(), 'real')
    replaced.increase(2)
    assert.equal(replaced.count, 3)
  })
})

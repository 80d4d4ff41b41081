import assert from 'node:assert/strict'
import { rotatePrekeys } from '../../../src/messenger/contacts/own-identity.js'
import { OwnProfile } from '../../../src/messenger/contacts/own-profile.js'
import { createBench } from '../../support/messenger-bench.js'

describe('messenger/own-profile', () => {
  it('is computed again when name, prekeys or addresses have changed, and else not', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice')
    const profile = new OwnProfile(context)
    const first = profile.current()
    assert.equal(profile.current(), first)
    assert.equal(first.profile.name, 'alice')
    assert.deepEqual(first.profile.addresses, context.network.addresses())
    context.own.record = { ...context.own.record, name: 'other' }
    const renamed = profile.current()
    assert.notDeepEqual(renamed.digest, first.digest)
    await bench.clock.advance(2_000)
    await rotatePrekeys(context)
    assert.notDeepEqual(profile.current().digest, renamed.digest)
    assert.deepEqual(profile.current().profile.bundle, context.own.prekeys.bundle)
    context.network.addresses = () => ['/ip4/10.0.0.9/tcp/1']
    await bench.clock.advance(10_000)
    assert.deepEqual(profile.current().profile.addresses, ['/ip4/10.0.0.9/tcp/1'])
  })

  it('has the same digest for the same profile', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice')
    const before = context.profile.current().digest
    await bench.clock.advance(60_000)
    assert.deepEqual(context.profile.current().digest, before)
  })
})

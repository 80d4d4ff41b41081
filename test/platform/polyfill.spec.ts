import assert from 'node:assert/strict'
import '../../src/platform/polyfill.js'

describe('platform/polyfill', () => {
  it('gives promises their resolvers, where they lack them', async () => {
    const resolved = Promise.withResolvers<number>()
    resolved.resolve(7)
    assert.equal(await resolved.promise, 7)
    const rejected = Promise.withResolvers<number>()
    rejected.reject(new Error('no'))
    await assert.rejects(rejected.promise, /no/)
    assert.deepEqual(Object.keys(Promise), [], 'it is as hidden as the built-in one')
  })
})

import assert from 'node:assert/strict'
import { gossipsubOptions } from '../../src/messenger/gossipsub-options.js'

describe('messenger/gossipsub-options', () => {
  it('signs nothing and allows the topics of its network alone', () => {
    const options = gossipsubOptions('harbour')
    assert.equal(options.globalSignaturePolicy, 'StrictNoSign')
    assert.deepEqual(options.allowedTopics, ['/hallig/1/harbour/0'])
  })

  it('refuses what is no name of a network', () => {
    for (const name of ['', 'Harbour', 'a'.repeat(33)])
      assert.throws(() => gossipsubOptions(name), { code: 'OPTIONS_INVALID' })
  })
})

import assert from 'node:assert/strict'
import { topicNames } from '../../../src/protocol/envelope/topic.js'

describe('protocol/envelope/topic', () => {
  it('is one for everybody unless a network is divided', () => {
    assert.deepEqual(topicNames('main', 0), ['/hallig/1/main/0'])
  })

  it('has as many shards as its bits allow, and never more than 64', () => {
    assert.deepEqual(topicNames('x', 2), ['/hallig/1/x/0', '/hallig/1/x/1', '/hallig/1/x/2', '/hallig/1/x/3'])
    assert.equal(topicNames('x', 6).length, 64)
    assert.equal(topicNames('x', 30).length, 64)
  })
})

import assert from 'node:assert/strict'
import { topicName } from '../../../src/protocol/envelope/topic.js'

describe('protocol/envelope/topic', () => {
  it('is one for everybody in a network', () => {
    assert.equal(topicName('main'), '/hallig/1/main/0')
  })
})

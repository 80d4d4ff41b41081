import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { shardOf, topicName, topicNames } from '../../../src/protocol/envelope/topic.js'
import { seeded } from '../../support/protocol-values.js'

describe('protocol/envelope/topic', () => {
  it('is one for everybody unless a network is divided', () => {
    assert.deepEqual(topicNames('main', 0), ['/hallig/1/main/0'])
    assert.equal(shardOf(seeded(1)(32), 0), 0)
  })

  it('has as many shards as its bits allow, and never more than 64', () => {
    assert.deepEqual(topicNames('x', 2), ['/hallig/1/x/0', '/hallig/1/x/1', '/hallig/1/x/2', '/hallig/1/x/3'])
    assert.equal(topicNames('x', 6).length, 64)
    assert.equal(topicNames('x', 30).length, 64)
  })

  it('puts every recipient into one of the shards, by the first bits of a hash', () => {
    const key = seeded(2)(32)
    const first = createHash('sha256').update('hallig/1/shard').update(key).digest()[0] ?? 0
    for (let bits = 0; bits <= 6; bits += 1) assert.equal(shardOf(key, bits), first >> (8 - bits))
    for (const bits of [7, 30]) assert.equal(shardOf(key, bits), shardOf(key, 6))
    const shards = new Set(Array.from({ length: 600 }, (_, seed) => shardOf(seeded(seed)(32), 6)))
    assert.equal(shards.size, 64)
    for (const shard of shards) assert.ok(topicNames('x', 6).includes(topicName('x', shard)))
  })
})

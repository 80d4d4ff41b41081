import assert from 'node:assert/strict'
import { inMilliseconds, inSeconds, quantile, roundTrips } from '../../../examples/demo/round-trips.js'

describe('the round trips', () => {
  const writtenAt = new Map([
    [1, 100],
    [2, 200],
    [3, 300],
    [4, 600]
  ])
  const deliveredAt = new Map([
    [1, 110],
    [2, 450],
    [4, 630],
    [5, 900]
  ])

  it('are those of messages that were both written and delivered', () => {
    assert.deepEqual(
      [...roundTrips(writtenAt, deliveredAt)],
      [
        [1, 10],
        [2, 250],
        [4, 30]
      ]
    )
  })

  it('leave out messages that had to wait for somebody who was not there', () => {
    assert.deepEqual([...roundTrips(writtenAt, deliveredAt, [{ from: 400, to: 500 }]).keys()], [1, 4])
    assert.deepEqual([...roundTrips(writtenAt, deliveredAt, [{ from: 400, to: Infinity }]).keys()], [1])
    assert.deepEqual([...roundTrips(writtenAt, deliveredAt, [{ from: 110, to: 200 }]).keys()], [1, 2, 4])
  })

  it('have quantiles', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    assert.equal(quantile(values, 0), 1)
    assert.equal(quantile(values, 0.5), 51)
    assert.equal(quantile(values, 0.99), 100)
    assert.equal(quantile(values, 1), 100)
    assert.equal(quantile([7], 0.5), 7)
    assert.equal(quantile([], 0.5), undefined)
  })

  it('are written as people read them', () => {
    assert.deepEqual([0.04, 9.94, 12.6, 1234, undefined].map(inMilliseconds), [
      '0.0 ms',
      '9.9 ms',
      '13 ms',
      '1.23 s',
      '–'
    ])
    assert.equal(inSeconds(1234), '1.23 s')
  })
})

import assert from 'node:assert/strict'
import { reject } from '../../src/protocol/rejection.js'

describe('protocol/rejection', () => {
  it('is a value with its reason', () => {
    assert.deepEqual(reject('not-for-us'), { kind: 'rejected', reason: 'not-for-us' })
  })
})

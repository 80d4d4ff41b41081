import assert from 'node:assert/strict'
import { member } from '../../src/codec/member.js'

describe('codec/member', () => {
  it('is what lies in an object or a function', () => {
    assert.equal(member({ name: 'Alice' }, 'name'), 'Alice')
    assert.equal(
      member(() => 1, 'length'),
      0
    )
    assert.equal(member({}, 'name'), undefined)
  })

  it('is nothing where there can be none', () => {
    for (const value of [undefined, null, 7, 'text', true]) assert.equal(member(value, 'length'), undefined)
  })
})

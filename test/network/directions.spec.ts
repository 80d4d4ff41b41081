import assert from 'node:assert/strict'
import { Directions } from '../../src/network/directions.js'

describe('network/directions', () => {
  it('tells the two directions of a link apart', () => {
    const directions = new Directions<number>()
    directions.set('alice', 'bob', 1)
    directions.set('bob', 'alice', 2)
    directions.set('alice', 'carol', 3)
    directions.set('alice', 'bob', 4)
    assert.deepEqual(
      [directions.get('alice', 'bob'), directions.get('bob', 'alice'), directions.get('carol', 'alice')],
      [4, 2, undefined]
    )
  })

  it('deletes one direction and says whether there was one, even of those being looked through', () => {
    const directions = new Directions<number>()
    for (const [from, to] of ['ab', 'ba', 'ac', 'cb']) directions.set(from ?? '', to ?? '', 1)
    assert.deepEqual(
      [directions.delete('a', 'b'), directions.delete('a', 'b'), directions.delete('d', 'a')],
      [true, false, false]
    )
    for (const [from, to] of directions.keys()) if (from !== 'c') directions.delete(from, to)
    assert.deepEqual([...directions.keys()], [['c', 'b']])
  })
})

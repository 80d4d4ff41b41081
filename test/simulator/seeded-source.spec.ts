import assert from 'node:assert/strict'
import { seededSource } from '../../src/simulator/seeded-source.js'

describe('simulator/seeded-source', () => {
  it('gives the same bytes for the same seed, however they are asked for', () => {
    const [one, other] = [seededSource('a'), seededSource('a')]
    const inPieces = [one(1), one(40), one(0), one(59)].flatMap((bytes) => [...bytes])
    assert.deepEqual(inPieces, [...other(100)])
  })

  it('gives other bytes for another seed', () => {
    assert.notDeepEqual(seededSource(1)(32), seededSource(2)(32))
  })
})

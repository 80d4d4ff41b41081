import assert from 'node:assert/strict'
import { linksOf, pairsOf } from '../../../benchmarks/mesh/shape.js'
import { createSeededRandom } from '../../../src/network/seeded-random.js'

describe('benchmarks/mesh/shape', () => {
  const random = createSeededRandom(1)
  const draw = (): number => random.number()

  it('links everybody to different nodes that are there already', () => {
    const links = linksOf('mesh', 50, draw)
    assert.equal(links.length, 50)
    for (const [node, earlier] of links.entries()) {
      assert.equal(earlier.length, Math.min(4, node))
      assert.equal(new Set(earlier).size, earlier.length)
      assert.ok(earlier.every((other) => other < node))
    }
  })

  it('links a star by its hub alone', () => {
    assert.deepEqual(linksOf('star', 4, draw), [[], [0], [0], [0]])
  })

  it('pairs everybody once, without the hub of an odd number', () => {
    assert.deepEqual(
      pairsOf(10, draw)
        .flat()
        .toSorted((one, other) => one - other),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    )
    assert.ok(!pairsOf(61, draw).flat().includes(0))
  })
})

import assert from 'node:assert/strict'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import type { Encounter } from '../../src/simulator/contact-trace.js'
import { islands, randomWaypoint, streetGrid } from '../../src/simulator/mobility.js'

const HOUR = 3_600_000
const make = (generate: typeof islands, seed = 1): Encounter[] =>
  generate({ nodes: 10, duration: 24 * HOUR, random: createSeededRandom(seed) })

describe('simulator/mobility', () => {
  for (const generate of [randomWaypoint, streetGrid, islands]) {
    it(`${generate.name} makes encounters in order, of two people, within the time`, () => {
      const encounters = make(generate)
      assert.ok(encounters.length > 20, String(encounters.length))
      assert.ok(
        encounters.every(
          ({ one, other, start, end }) => one < other && other < 10 && start < end && end <= 24 * HOUR
        )
      )
      assert.deepEqual(
        encounters.map(({ start }) => start),
        encounters.map(({ start }) => start).toSorted((a, b) => a - b)
      )
    })

    it(`${generate.name} makes the same with the same seed, and other with another`, () => {
      assert.deepEqual(make(generate), make(generate))
      assert.notDeepEqual(make(generate), make(generate, 2))
    })

    it(`${generate.name} leaves nobody without anybody`, () => {
      const met = new Set(make(generate).flatMap(({ one, other }) => [one, other]))
      assert.equal(met.size, 10)
    })
  }

  it('islands has pairs that are never near each other, and somebody who has met everybody', () => {
    const encounters = make(islands)
    const partners = Array.from(
      { length: 10 },
      (_, node) =>
        new Set(
          encounters.flatMap(({ one, other }) => (one === node ? [other] : other === node ? [one] : []))
        ).size
    )
    assert.ok(Math.min(...partners) < 9)
    assert.equal(Math.max(...partners), 9)
  })
})

import { randomInt } from 'node:crypto'

export { seededSource as seededRandom } from '../../src/simulator/seeded-source.js'

/** A seed for this run, to be put in the titles or messages of what it drives. */
export function freshSeed(): number {
  return randomInt(2 ** 31)
}

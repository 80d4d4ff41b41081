import assert from 'node:assert/strict'
import { evictionRank, type Evictable } from '../../../src/protocol/delivery/eviction.js'

const usage = { quota: 100, bySource: (source: number) => (source === 9 ? 26 : 5), ofStrangers: 4 }
const foreign: Evictable = { isExpired: false, standing: 'stranger', source: 1, forwards: 0 }

describe('protocol/delivery/eviction', () => {
  it('ranks expired, greedy sources, strangers, contacts and own, in this order', () => {
    const ranks = [
      evictionRank({ ...foreign, isExpired: true, standing: 'own' }, usage),
      evictionRank({ ...foreign, source: 9 }, usage),
      evictionRank(foreign, { ...usage, ofStrangers: 6 }),
      evictionRank(foreign, usage),
      evictionRank({ ...foreign, standing: 'contact', source: 9 }, usage),
      evictionRank({ ...foreign, standing: 'own' }, usage)
    ]
    assert.deepEqual(
      ranks.toSorted((one, other) => one - other),
      ranks
    )
    assert.equal(new Set(ranks).size, ranks.length)
  })

  it('counts a share that is just used up as kept', () => {
    const kept = evictionRank(foreign, usage)
    const full = { quota: 100, bySource: () => 25, ofStrangers: 5 }
    assert.equal(evictionRank(foreign, full), kept)
    assert.ok(evictionRank(foreign, { ...full, bySource: () => 26 }) < kept)
    assert.ok(evictionRank(foreign, { ...full, ofStrangers: 6 }) < kept)
  })

  it('lets go first of what was given away most often, and never above the next kind', () => {
    const often = evictionRank({ ...foreign, forwards: 70_000 }, usage)
    const once = evictionRank({ ...foreign, forwards: 1 }, usage)
    assert.ok(often < once && once < evictionRank(foreign, usage))
    const last = evictionRank(foreign, { ...usage, ofStrangers: 6 })
    assert.ok(last < often)
  })
})

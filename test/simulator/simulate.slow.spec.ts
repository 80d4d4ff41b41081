import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTrace } from '../../src/simulator/contact-trace.js'
import { simulate } from '../../src/simulator/simulate.js'
import { packageRoot } from '../support/package-sources.js'
import { watchAead } from '../support/simulator-aead.js'

const HOUR = 3_600_000
const TRACE = join(packageRoot, '../shared/traces/cambridge-2005-contacts.dat')
/** People who carried a radio in Cambridge. */
const CARRIED = 12

describe('a long simulation', () => {
  it('is the same run with the same seed: twenty seeds, twice', async () => {
    const hashes = new Set<string>()
    for (let seed = 1_001; seed <= 1_020; seed += 1) {
      const [first, again] = [
        await simulate({ seed, nodes: 8, hours: 8 }),
        await simulate({ seed, nodes: 8, hours: 8 })
      ]
      assert.equal(first.hash, again.hash, `seed ${String(seed)}`)
      hashes.add(first.hash)
    }
    assert.equal(hashes.size, 20)
  })

  it('violates nothing with twenty people and a day', async () => {
    const aead = watchAead()
    try {
      for (let seed = 2_001; seed <= 2_006; seed += 1) {
        const { violations, plan } = await simulate({ seed, nodes: 20, hours: 24 })
        assert.deepEqual(
          violations,
          [],
          `npm run simulate -- --seed ${String(seed)} --nodes 20 --days 1 ${JSON.stringify(plan)}`
        )
        assert.equal(aead.take().repeated, 0, `seed ${String(seed)}`)
      }
    } finally {
      aead.stop()
    }
  })

  it('violates nothing among people who met as they did in Cambridge', async function () {
    if (!existsSync(TRACE)) {
      console.log('      skipped: there are no contact traces beside the repository')
      this.skip()
    }
    const day = parseTrace(readFileSync(TRACE, 'utf8'), CARRIED).filter(({ start }) => start < 24 * HOUR)
    for (let seed = 3_001; seed <= 3_005; seed += 1) {
      const { violations } = await simulate({ seed, nodes: CARRIED, hours: 24, encounters: day })
      assert.deepEqual(violations, [], `seed ${String(seed)}`)
    }
  })
})

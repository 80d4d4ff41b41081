import assert from 'node:assert/strict'
import { simulate, type SimulationReport } from '../../src/simulator/simulate.js'
import { watchAead } from '../support/simulator-aead.js'

const SEEDS = 200
const TWICE = 5

/** What was violated, with everything that is needed to see it again. */
function describeFailure({ plan, violations }: SimulationReport): string {
  const what = violations.map(({ rule, what }) => `${rule}: ${what}`).join('\n')
  return `npm run simulate -- --seed ${String(plan.seed)} --hours ${String(plan.hours)}\n${JSON.stringify(plan)}\n${what}`
}

describe('a simulation', function () {
  this.timeout(600_000)

  it(`violates nothing with any of ${String(SEEDS)} seeds, and repeats no key with a nonce`, async () => {
    const aead = watchAead()
    try {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const report = await simulate({ seed, hours: 1 })
        assert.deepEqual(report.violations, [], describeFailure(report))
        assert.equal(
          aead.take().repeated,
          0,
          `${describeFailure(report)}: a key and a nonce sealed two things`
        )
      }
    } finally {
      aead.stop()
    }
  })

  it('is the same run with the same seed, and another with another', async () => {
    const hashes = new Set<string>()
    for (let seed = 1; seed <= TWICE; seed += 1) {
      const [first, again] = [await simulate({ seed }), await simulate({ seed })]
      assert.equal(first.hash, again.hash, `seed ${String(seed)}`)
      assert.equal(first.events, again.events)
      hashes.add(first.hash)
    }
    assert.equal(hashes.size, TWICE)
  })
})

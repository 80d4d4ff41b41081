import type { Question } from '../harness/question.js'
import { reconcileSets, type Layout } from './reconcile.js'

const COMMON = { '10k': 10_000, '100k': 100_000 } as const
const MISSING = [100, 1_000, 10_000] as const
const LAYOUTS: readonly Layout[] = ['newest', 'scattered']
const ID_BYTES = 32
/** Bits of a Bloom filter for each id, at one false answer in a hundred: 1 / ln 2 × log2 100. */
const BLOOM_BITS = Math.log2(100) / Math.LN2

export const outage: Question = {
  name: 'outage',
  asks: 'Two nodes meet after they were cut off from each other: how many bytes does it take, beside the envelopes, to find what each lacks?',
  // Bytes are the same in every round.
  rounds: 1,
  packages: [],
  needsPeers: false,
  targets: [
    { text: 'equal sets of 100k cost at most 400 B', met: (median) => median('equal-100k.bytes') <= 400 },
    {
      text: 'with nothing common since the cut, 1,000 missing of 100k cost at most 40 B each',
      met: (median) => median('newest-100k-1000.bytes-per-missing') <= 40
    }
  ],
  run({ rounds, record, say }) {
    for (let round = 0; round < rounds; round++) {
      for (const [name, common] of Object.entries(COMMON)) {
        record(`equal-${name}.bytes`, 'B', reconcileSets(common, 0, 'newest').bytes)
        record(`all-ids-${name}.bytes`, 'B', ID_BYTES * common)
        record(`bloom-${name}.bytes`, 'B', Math.ceil((BLOOM_BITS * common) / 8))
        for (const layout of LAYOUTS) {
          for (const missing of MISSING) {
            const { bytes, frames } = reconcileSets(common, missing, layout)
            record(`${layout}-${name}-${String(missing)}.bytes-per-missing`, 'B', bytes / missing)
            say(
              `${layout}, ${name} in common, ${String(missing)} missing: ${String(bytes)} bytes in ${String(frames)} frames`
            )
          }
        }
      }
    }
    return Promise.resolve()
  }
}

import { orbitDirectory } from '../harness/paths.js'
import { installPeers } from '../harness/peers.js'
import type { Question, RunOptions } from '../harness/question.js'
import { measureHealing } from './heal.js'
import { measureOrbitDB } from './join-orbitdb.js'
import { reconcileSets } from './reconcile.js'
import { sendAllIds, sendBloomFilters } from './rivals.js'
import { makeSets, type Layout } from './sets.js'

const COMMON = { '10k': 10_000, '100k': 100_000 } as const
const MISSING = [100, 1_000, 10_000] as const
const LAYOUTS: readonly Layout[] = ['newest', 'scattered']

export const outage: Question = {
  name: 'outage',
  asks: 'Two nodes meet after they were cut off from each other: how soon does each have what it lacks, and how many bytes does it take, beside the envelopes, to find that?',
  rounds: 3,
  packages: [
    'libp2p',
    '@libp2p/tcp',
    '@chainsafe/libp2p-noise',
    '@chainsafe/libp2p-yamux',
    'classic-level',
    '@orbitdb/core',
    '@helia/utils'
  ],
  needsPeers: false,
  targets: [
    { text: 'equal sets of 100k cost at most 400 B', met: (median) => median('equal-100k.bytes') <= 400 },
    {
      text: 'with nothing common since the cut, 1,000 missing of 100k cost at most 40 B each',
      met: (median) => median('newest-100k-1000.bytes-per-missing') <= 40
    },
    {
      text: '10,000 missing envelopes move between two processes within 3 s, stored durably',
      met: (median) => median('heal-10000.seconds') <= 3
    }
  ],
  async run(options) {
    installPeers(orbitDirectory)
    countBytes(options)
    for (let round = 0; round < options.rounds; round++) await measureHealing(options)
    await measureOrbitDB(options)
  }
}

/** Bytes are the same in every round. */
function countBytes({ record, say }: RunOptions): void {
  for (const [name, common] of Object.entries(COMMON)) {
    record(`equal-${name}.bytes`, 'B', reconcileSets(makeSets(common, 0, 'newest')).bytes)
    for (const missing of MISSING) {
      const which = `${name}-${String(missing)}`
      for (const layout of LAYOUTS) {
        const { bytes, frames } = reconcileSets(makeSets(common, missing, layout))
        record(`${layout}-${which}.bytes-per-missing`, 'B', bytes / missing)
        say(
          `${layout}, ${name} in common, ${String(missing)} missing: ${String(bytes)} bytes in ${String(frames)} frames`
        )
      }
      const sets = makeSets(common, missing, 'newest')
      const [allIds, bloom] = [sendAllIds(sets), sendBloomFilters(sets)]
      record(`all-ids-${which}.bytes-per-missing`, 'B', allIds.bytes / missing)
      record(`bloom-${which}.bytes-per-missing`, 'B', bloom.bytes / missing)
      record(`bloom-${which}.found`, '%', (100 * bloom.found) / missing)
      say(
        `all ids: ${String(allIds.bytes)} bytes; Bloom filters: ${String(bloom.bytes)}, ${String(bloom.found)} found`
      )
    }
  }
}

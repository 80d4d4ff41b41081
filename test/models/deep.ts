import { parseArgs } from 'node:util'
import { models } from './all.js'

/**
 * Many histories of every model: `npm run test:deep -- --histories 100000 --seed 7`. HALLIG_HISTORIES and HALLIG_SEED do the same. A failure
 * names the seed and the path that fast-check needs to see it again.
 */
const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: process.env['HALLIG_HISTORIES'] ?? '100000' },
    seed: { type: 'string', default: process.env['HALLIG_SEED'] ?? String(Date.now() % 2 ** 31) },
    model: { type: 'string' }
  }
})
const histories = Number(values.histories)
const seed = Number(values.seed)
if (!Number.isSafeInteger(histories) || histories < 1 || !Number.isSafeInteger(seed))
  throw new Error('--histories and --seed take whole numbers')

let sum = 0
process.stdout.write(`seed ${String(seed)}\n`)
for (const model of models) {
  if (values.model !== undefined && values.model !== model.name) continue
  const numRuns = Math.ceil((histories * model.share) / 1000)
  const began = performance.now()
  await model.check({ numRuns, seed })
  sum += numRuns
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`${model.name}: ${String(numRuns)} histories in ${seconds} s: ${model.proves}\n`)
}
process.stdout.write(`${String(sum)} histories in all, none that breaks what its model proves\n`)

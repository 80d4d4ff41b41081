import { mkdir } from 'node:fs/promises'
import type { RunOptions } from '../harness/question.js'
import { withDirectory } from '../harness/temporary.js'
import { Worker } from '../harness/worker.js'

const ENTRIES = 10_000
/** Longest wait for an answer, ms. */
const PATIENCE = 400_000

/** Seconds it takes OrbitDB to bring a log of as many entries to another process, from the first dial on. */
export async function measureOrbitDB({ record, say }: RunOptions): Promise<void> {
  await withDirectory(async (directory) => {
    const module = new URL('orbitdb.js', import.meta.url)
    const places = ['full', 'lacking'].map((name) => `${directory}/${name}`)
    await Promise.all(places.map((place) => mkdir(place)))
    const [full, lacking] = places.map((place) => new Worker(module, { args: [place], patience: PATIENCE }))
    if (full === undefined || lacking === undefined) throw new Error('There are to be two processes')
    try {
      const log = await full.text('fill', ENTRIES)
      const seconds = (await lacking.number('join', log, await full.text('address'), ENTRIES)) / 1000
      record(`orbitdb.heal-${String(ENTRIES)}.seconds`, 's', seconds)
      say(`OrbitDB: a log of ${String(ENTRIES)} entries joined in ${seconds.toFixed(1)} s`)
    } finally {
      await Promise.all([full.stop(), lacking.stop()])
    }
  })
}

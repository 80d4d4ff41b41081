// A process that commits until it is killed: `node store-writer.js <path> <durability> <group|alone>`. It writes the
// number of each commit to standard output once the store has acknowledged it.
import { writeSync } from 'node:fs'
import { groupCommit } from '../../src/storage/group-commit.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { roundWrites } from './store-rounds.js'

const [path = '', durability = '', mode = ''] = process.argv.slice(2)
/** Use-cases at work at the same time when commits are grouped. */
const WORKERS = 8

const level = await openLevelStore(path, {
  durability: durability === 'process-crash' ? 'process-crash' : 'power-loss'
})
const store = mode === 'group' ? groupCommit(level) : level
let next = 0

async function work(): Promise<never> {
  while (true) {
    const round = next++
    await store.commit(roundWrites(round))
    // Straight to the pipe: what was written before the kill is read after it.
    writeSync(1, `${String(round)}\n`)
  }
}

await Promise.all(Array.from({ length: mode === 'group' ? WORKERS : 1 }, work))

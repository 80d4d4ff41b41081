import { createMemoryStore, openLevelStore, type Store, type Write } from '../../src/index.js'

/** Milliseconds that what was acknowledged takes to be written. */
const BEHIND_MS = 2_000

/** A store that acknowledges what it only has in memory, and writes it later: what the contract forbids. */
export async function openLazyStore(path: string): Promise<Store> {
  const kept = await openLevelStore(path)
  const memory = createMemoryStore()
  const held: Write[] = []
  for await (const [key, value] of kept.range({})) held.push({ type: 'put', key, value })
  await memory.commit(held)
  let written: Promise<void> = Promise.resolve()
  return {
    get: (key) => memory.get(key),
    range: (range) => memory.range(range),
    async commit(writes) {
      await memory.commit(writes)
      const copies = writes.map((write) =>
        write.type === 'put' ? { ...write, value: write.value.slice() } : write
      )
      written = new Promise((resolve) =>
        setTimeout(() => {
          resolve(kept.commit(copies))
        }, BEHIND_MS)
      )
    },
    async close() {
      await memory.close()
      await written
      await kept.close()
    }
  }
}

import { MemoryStore } from '../storage/memory-store.js'
import type { KeyRange, Store, Write } from '../storage/store.js'

/** A disk that survives its messengers: what was synced survives even a power cut. */
export interface Disk extends Store {
  /** Commits that a power cut would undo. */
  readonly unsynced: number
  /** Everything committed so far is safe from now on. */
  sync(): void
  /** The power is gone: undo every commit that was not synced, the newest first. */
  cutPower(): Promise<void>
  /** The pairs of `range` as they are now, not copied: nobody may change them. Each value is one array until another is put. */
  peek(range: KeyRange): Iterable<readonly [string, Uint8Array]>
  /** A copy of everything it holds now. */
  copy(): Promise<Disk>
}

export interface DiskOptions {
  /**
   * Whether a commit is synced when it resolves; true if not given. Without it the disk lies as a database opened without sync does:
   * a power cut takes what was committed since the last `sync()`.
   */
  readonly synced?: boolean | undefined
}

/** A {@link Disk} in memory. Closing it is a messenger's affair and leaves it as it is. */
export function createDisk({ synced = true }: DiskOptions = {}): Disk {
  const store = new MemoryStore('disk')
  /** Per unsynced commit, what puts back what it changed. */
  let undo: (readonly Write[])[] = []
  let turn: Promise<unknown> = Promise.resolve()

  async function inverse(writes: readonly Write[]): Promise<Write[]> {
    return await Promise.all(
      writes.map(async ({ key }): Promise<Write> => {
        const value = await store.get(key)
        return value === undefined ? { type: 'delete', key } : { type: 'put', key, value }
      })
    )
  }

  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const mine = turn.then(action)
    turn = mine.catch(() => undefined)
    return mine
  }

  return {
    get: (key) => store.get(key),
    range: (range) => store.range(range),
    peek: (range) => store.peek(range),
    commit: (writes) =>
      synced
        ? store.commit(writes)
        : inTurn(async () => {
            undo.push(await inverse(writes))
            await store.commit(writes)
          }),
    close: () => Promise.resolve(),
    get unsynced() {
      return undo.length
    },
    sync() {
      undo = []
    },
    cutPower: () =>
      inTurn(async () => {
        const lost = undo.toReversed()
        undo = []
        await store.commit(lost.flat())
      }),
    async copy() {
      const copied = createDisk({ synced })
      const writes: Write[] = []
      for await (const [key, value] of store.range({})) writes.push({ type: 'put', key, value })
      await copied.commit(writes)
      copied.sync()
      return copied
    }
  }
}

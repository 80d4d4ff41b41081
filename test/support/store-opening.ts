import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'

/**
 * Does something once before LevelDB opens the database of the next store, whose files we have read through by then. The returned function says that
 * it was done.
 */
export function beforeOpening(act: () => unknown): () => void {
  const { open } = Level.prototype
  const opened = new Set<unknown>()
  let acting: unknown
  async function openAfter(this: unknown, ...options: unknown[]): Promise<unknown> {
    opened.add(this)
    // The first only shows that nobody has it open.
    const [, second] = opened
    if (this === second) await (acting ??= act())
    return await Reflect.apply(open, this, options)
  }
  Reflect.set(Level.prototype, 'open', openAfter)
  return () => {
    assert.ok(opened.size >= 2 && Reflect.set(Level.prototype, 'open', open))
  }
}

/** Has LevelDB find no log when it opens the database at `path` the next time, as when it cannot open one. */
export function hideLogs(path: string): () => void {
  return beforeOpening(() => {
    const logs = readdirSync(path).filter((name) => name.endsWith('.log'))
    assert.ok(logs.length > 0)
    for (const log of logs) rmSync(join(path, log))
  })
}

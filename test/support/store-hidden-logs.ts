import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'

/**
 * Has LevelDB find no log when it opens the database at `path` the next time, as when it cannot open one; ours have read them by then.
 * The returned function has it open databases as before.
 */
export function hideLogs(path: string): () => void {
  const { open } = Level.prototype
  const opened = new Set<unknown>()
  let hidden = 0
  function openWithout(this: unknown, ...options: unknown[]): unknown {
    opened.add(this)
    // The first only shows that nobody has it open.
    if (opened.size === 2 && hidden === 0) {
      for (const name of readdirSync(path))
        if (name.endsWith('.log') && ++hidden > 0) rmSync(join(path, name))
    }
    return Reflect.apply(open, this, options)
  }
  Reflect.set(Level.prototype, 'open', openWithout)
  return () => {
    assert.ok(hidden > 0 && Reflect.set(Level.prototype, 'open', open))
  }
}

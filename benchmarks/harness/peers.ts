import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { peersDirectory } from './paths.js'

/** Install what a question compares with, as locked in `benchmarks/package-lock.json`. */
export function installPeers(): void {
  const { status } = spawnSync('npm', ['ci', '--prefix', peersDirectory, '--no-audit', '--no-fund'], {
    stdio: 'inherit'
  })
  if (status !== 0) throw new Error('The packages to compare with could not be installed; see above')
}

const { resolve } = createRequire(join(peersDirectory, 'package.json'))

/** A package of `benchmarks/package.json`, as the part of its exports that the caller describes. */
export async function loadPeer<Exports>(name: string): Promise<Exports> {
  const loaded = (await import(pathToFileURL(resolve(name)).href)) as Exports & { readonly default?: Exports }
  // A CommonJS package has all it exports there; the others have no default export.
  return loaded.default ?? loaded
}

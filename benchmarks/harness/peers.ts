import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { peersDirectory } from './paths.js'

/** Install what a question compares with, as locked in the `package-lock.json` of this directory. */
export function installPeers(directory = peersDirectory): void {
  const { status } = spawnSync('npm', ['ci', '--prefix', directory, '--no-audit', '--no-fund'], {
    stdio: 'inherit'
  })
  if (status !== 0) throw new Error('The packages to compare with could not be installed; see above')
}

/** A package that is installed there, as the part of its exports that the caller describes. */
export async function loadPeer<Exports>(name: string, directory = peersDirectory): Promise<Exports> {
  const loaded = (await import(pathToFileURL(entryOf(name, directory)).href)) as Exports & {
    readonly default?: Exports
  }
  // A CommonJS package has all it exports there; the others have no default export.
  return loaded.default ?? loaded
}

/** The file that `import` would load. `require.resolve` does not find what a package has for `import` alone. */
function entryOf(name: string, directory: string): string {
  try {
    return createRequire(join(directory, 'package.json')).resolve(name)
  } catch {
    const place = join(directory, 'node_modules', name)
    const { exports } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as {
      readonly exports: string | { readonly '.': string | { readonly import: string } }
    }
    const main = typeof exports === 'string' ? exports : exports['.']
    return join(place, typeof main === 'string' ? main : main.import)
  }
}

import { spawnSync } from 'node:child_process'
import { peersDirectory } from './paths.js'

/** Install what a question compares with, as locked in `benchmarks/package-lock.json`. */
export function installPeers(): void {
  const { status } = spawnSync('npm', ['ci', '--prefix', peersDirectory, '--no-audit', '--no-fund'], {
    stdio: 'inherit'
  })
  if (status !== 0) throw new Error('The packages to compare with could not be installed; see above')
}

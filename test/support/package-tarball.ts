import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from './package-sources.js'
import { run } from './package-run.js'

const TIMEOUT_MS = 60_000

/** What `npm publish` would upload, made from what is built now. */
export interface Tarball {
  readonly file: string
  /** A temporary folder of its own, `file` in it. */
  readonly directory: string
  /** Paths in the package. */
  readonly paths: readonly string[]
  remove(): void
}

export async function pack(): Promise<Tarball> {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-pack-'))
  // Scripts are ignored: `prepack` would build again under the running tests.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory]
  const { code, output } = await run('npm', args, { cwd: packageRoot, timeout: TIMEOUT_MS })
  assert.equal(code, 0, output)
  const name = readdirSync(directory).find((entry) => entry.endsWith('.tgz'))
  assert.ok(name !== undefined, output)
  const paths = [...output.matchAll(/"path": "([^"]+)"/g)].map(([, path = '']) => path)
  return {
    file: join(directory, name),
    directory,
    paths,
    remove: () => rmSync(directory, { recursive: true, force: true })
  }
}

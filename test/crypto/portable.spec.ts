import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { vectorFiles } from '../support/vectors.js'

const mocha = createRequire(import.meta.url).resolve('mocha/package.json')
const compiled = fileURLToPath(new URL('../../', import.meta.url))

describe('the modules that stand on the primitives', () => {
  let copy: string

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'hallig-portable-'))
  })

  after(() => {
    rmSync(copy, { recursive: true, force: true })
  })

  it('pass their specs with the portable backend alone, as in a browser', async function () {
    this.timeout(60_000)
    writePortableCopy(copy)
    const options = ['--no-config', '--reporter', 'dot', '--timeout', '20000']
    const specs = join(copy, 'test/crypto/*.spec.js')
    const bin = join(dirname(mocha), 'bin/mocha.js')
    const run = await promisify(execFile)(execPath, [bin, ...options, specs], { timeout: 50_000 })
    assert.match(run.stdout, /\d+ passing/)
    // Nothing is left out but the vectors that are kept elsewhere, where they are not there.
    if (vectorFiles() !== undefined) assert.doesNotMatch(run.stdout, /pending/)
  })
})

/**
 * The compiled crypto layer and its specs in a package of their own, where node:crypto is no backend. Without this
 * spec, and without that of signatures, which compares the two backends itself.
 */
function writePortableCopy(folder: string): void {
  const isPortable = (path: string) =>
    !/^(node(-.*)?|portable\.spec|signature\.spec)\.js/.test(basename(path))
  for (const part of ['src/crypto', 'test/crypto', 'test/support/vectors.js', 'test/support/torsion.js']) {
    cpSync(join(compiled, part), join(folder, part), { recursive: true, filter: isPortable })
  }
  const imports = { '#primitives': './src/crypto/backends/noble.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  symlinkSync(dirname(dirname(mocha)), join(folder, 'node_modules'), 'dir')
}

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

describe('the hallig program', () => {
  it('runs, and knows the version of the package', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, '--version'])
    assert.match(stdout, /^\d+\.\d+\.\d+/)
  })

  it('says in one sentence that there is no room for what it prints', function () {
    if (!existsSync('/dev/full')) this.skip()
    const full = openSync('/dev/full', 'w')
    try {
      const { status, stderr } = spawnSync(process.execPath, [main, '--help'], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8'
      })
      assert.equal(stderr, 'hallig: There is no room for the output; free some, or take another stick\n')
      assert.equal(status, 6)
    } finally {
      closeSync(full)
    }
  })
})

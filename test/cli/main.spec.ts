import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

describe('the hallig program', () => {
  it('runs, and knows the version of the package', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, '--version'])
    assert.match(stdout, /^\d+\.\d+\.\d+/)
  })
})

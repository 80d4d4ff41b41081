import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { askPassphrase } from '../../src/cli/passphrase.js'
import { Page } from './command-line.js'

/** A keyboard whose owner types the next line at each prompt. */
function typing(...lines: string[]): { stdin: PassThrough & { isTTY: boolean }; stderr: Page } {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stderr = new Page(true)
  const write = stderr.write.bind(stderr)
  stderr.write = (chunk: unknown) => {
    const line = String(chunk).endsWith(' ') ? lines.shift() : undefined
    if (line !== undefined) setImmediate(() => stdin.write(line))
    return write(chunk)
  }
  return { stdin, stderr }
}

describe('the passphrase', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-passphrase-'))
  after(() => rmSync(directory, { recursive: true }))
  const blind = { env: {}, stdin: new PassThrough(), stderr: new Page() }

  it('comes from a file before the environment, without its last line end', async () => {
    const file = join(directory, 'passphrase')
    writeFileSync(file, 'from file\r\n')
    assert.equal(await askPassphrase(file, { ...blind, env: { HALLIG_PASSPHRASE: 'x' } }, false), 'from file')
    assert.equal(await askPassphrase(undefined, { ...blind, env: { HALLIG_PASSPHRASE: 'x' } }, true), 'x')
  })

  it('says what to do if there is none and nobody to ask', async () => {
    await assert.rejects(askPassphrase(undefined, blind, false), {
      code: 'PASSPHRASE_MISSING',
      message: /--passphrase-file/
    })
    await assert.rejects(askPassphrase(join(directory, 'none'), blind, false), { code: 'PASSPHRASE_MISSING' })
    await assert.rejects(askPassphrase(undefined, { ...blind, env: { HALLIG_PASSPHRASE: '' } }, false), {
      message: /empty/
    })
  })

  it('is typed unseen, and can be corrected', async () => {
    const keyboard = typing('sesami\u007fe\r')
    assert.equal(await askPassphrase(undefined, { env: {}, ...keyboard }, false), 'sesame')
    assert.ok(!keyboard.stderr.text.includes('ses'))
  })

  it('is asked for twice when it is chosen', async () => {
    assert.equal(await askPassphrase(undefined, { env: {}, ...typing('a b\r', 'a b\r') }, true), 'a b')
    await assert.rejects(askPassphrase(undefined, { env: {}, ...typing('a\r', 'b\r') }, true), {
      message: /differ/
    })
  })

  it('is given up with Ctrl-C', async () => {
    await assert.rejects(askPassphrase(undefined, { env: {}, ...typing('a\u0003') }, false), {
      code: 'PASSPHRASE_MISSING'
    })
  })
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { holderName, readHolder, removeHolder, writeHolder } from '../../src/cli/holder.js'

describe('the note about who has the store open', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-holder-'))
  after(() => rmSync(directory, { recursive: true }))

  it('names the command until it is taken away', async () => {
    await writeHolder(directory, 'chat', 5)
    assert.deepEqual(await readHolder(directory), { command: 'chat', pid: process.pid, since: 5 })
    await removeHolder(directory)
    assert.equal(await readHolder(directory), undefined)
    await removeHolder(directory)
  })

  it('makes a sentence begin with who it is', async () => {
    assert.deepEqual(await holderName(directory), { command: undefined, sentence: 'Another process' })
    await writeHolder(directory, 'node', 5)
    const { command, sentence } = await holderName(directory)
    assert.equal(command, 'node')
    assert.match(sentence, /^`hallig node` \(process \d+, since \d\d:\d\d\)$/)
  })

  it('is ignored if it is damaged', async () => {
    writeFileSync(join(directory, 'running.json'), '{"command":5')
    assert.equal(await readHolder(directory), undefined)
  })
})

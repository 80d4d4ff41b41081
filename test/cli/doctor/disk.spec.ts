import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookAtDisk, room, syncing } from '../../../src/cli/doctor/disk.js'

describe('the doctor at the disk', () => {
  it('measures a real one and leaves nothing on it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hallig-doctor-'))
    try {
      const findings = await lookAtDisk(directory)
      assert.deepEqual(
        findings.map(({ what }) => what),
        ['Disk', 'Durability']
      )
      assert.match(findings[0]?.sentence ?? '', /\d [KMG]iB are free/)
      assert.deepEqual(readdirSync(directory), [])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('says so where nothing can be written', async () => {
    const [finding] = await lookAtDisk('/proc/self/no/such')
    assert.equal(finding?.state, 'failure')
    assert.match(finding.sentence, /--dir/)
  })

  it('wants room for messages, and more for those of others', () => {
    assert.deepEqual(
      [10, 100, 1_000].map((mebibytes) => room(mebibytes * 2 ** 20).state),
      ['failure', 'warning', 'ok']
    )
  })

  it('does not believe a disk that is faster than any, nor memory', () => {
    assert.deepEqual(
      [syncing(0.001, false), syncing(0.3, false), syncing(120, false), syncing(0.3, true)].map(
        ({ state }) => state
      ),
      ['warning', 'ok', 'warning', 'warning']
    )
    assert.match(syncing(120, false).sentence, /120 ms/)
  })
})

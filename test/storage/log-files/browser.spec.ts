import assert from 'node:assert/strict'
import { readCurrent, readLogs } from '../../../src/storage/log-files/browser.js'

describe('storage/log-files/browser', () => {
  it('has no logs to read', async () => {
    await readLogs()
  })

  it('is not opened again', async () => {
    assert.equal(await readCurrent(), undefined)
  })
})

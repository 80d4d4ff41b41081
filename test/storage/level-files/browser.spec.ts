import assert from 'node:assert/strict'
import {
  forgetLost,
  hasLost,
  mendTables,
  readCurrent,
  readLogs
} from '../../../src/storage/level-files/browser.js'

describe('storage/level-files/browser', () => {
  it('has no logs to read', async () => {
    await readLogs()
  })

  it('has no tables to mend, and loses nothing that it tells of', async () => {
    assert.equal(await mendTables(), false)
    assert.equal(await hasLost(), false)
    await forgetLost()
  })

  it('is not opened again', async () => {
    assert.equal(await readCurrent(), undefined)
  })
})

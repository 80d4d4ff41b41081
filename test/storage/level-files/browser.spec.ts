import assert from 'node:assert/strict'
import {
  forgetLost,
  hasLost,
  mendFiles,
  noteLost,
  proveSpace,
  readCurrent
} from '../../../src/storage/level-files/browser.js'

describe('storage/level-files/browser', () => {
  it('has no files to mend, and loses nothing that it tells of', async () => {
    assert.deepEqual(await mendFiles(), { isLost: false, logged: [], next: undefined })
    await noteLost()
    assert.equal(await hasLost(), false)
    await forgetLost()
  })

  it('is not opened again', async () => {
    assert.equal(await readCurrent(), undefined)
    await proveSpace()
  })
})

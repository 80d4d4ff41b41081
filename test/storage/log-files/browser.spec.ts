import { readLogs } from '../../../src/storage/log-files/browser.js'

describe('storage/log-files/browser', () => {
  it('has no logs to read', async () => {
    await readLogs()
  })
})

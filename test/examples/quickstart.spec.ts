import assert from 'node:assert/strict'
import { temporaryDirectory } from '../support/store-temporary.js'
import { LIMIT_MS, runExample } from './program.js'

describe('examples/quickstart', () => {
  it('runs to its end and shows what both have read', async () => {
    const directory = await temporaryDirectory()
    try {
      const { code, output } = await runExample('quickstart.js', [], directory.path)
      assert.equal(code, 0, output)
      assert.match(output, /Bob added Alice/)
      assert.match(output, /Alice reads: .*Land unter!/)
      assert.match(output, /Bob's message is (delivered|read)/)
      assert.match(output, /Bob reads: .*Dry, and the kettle is on/)
    } finally {
      await directory.remove()
    }
  }).timeout(LIMIT_MS)
})

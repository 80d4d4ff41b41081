import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { bundleForBrowsers } from '../support/browser-bundle.js'

const MAX_GZIP_BYTES = 320_000

describe('the bundle of an app in a browser', () => {
  it(`needs nothing of Node, and has at most ${String(MAX_GZIP_BYTES)} bytes with gzip`, async () => {
    const { bytes } = await bundleForBrowsers('dist/src/index.js', { minify: true })
    const { length } = gzipSync(bytes, { level: 9 })
    assert.ok(length > 0 && length <= MAX_GZIP_BYTES, `${String(length)} bytes`)
  })

  it('cannot be made of what needs Node', async () => {
    await assert.rejects(bundleForBrowsers('dist/src/platform/node.js'), /node:fs/)
  })
})

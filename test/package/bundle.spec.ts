import assert from 'node:assert/strict'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { bundleForBrowsers, loadedWithPage } from '../support/browser-bundle.js'

const MAX_GZIP_BYTES = 320_000
/** What a page's policy without `unsafe-eval` and `wasm-unsafe-eval` forbids. */
const NOTHING_FROM_TEXT = { codeGeneration: { strings: false, wasm: false } }

describe('the bundle of an app in a browser', () => {
  it(`needs nothing of Node, and has at most ${String(MAX_GZIP_BYTES)} bytes with gzip`, async () => {
    const { bytes } = await bundleForBrowsers('dist/src/index.js', { minify: true })
    const { length } = gzipSync(bytes, { level: 9 })
    assert.ok(length > 0 && length <= MAX_GZIP_BYTES, `${String(length)} bytes`)
  })

  it('has libp2p with it: when a page starts there may be no network any more', async () => {
    const session = 'dist/src/network/libp2p/session.js'
    const app = "import { createMessenger } from 'hallig'; await createMessenger({ path: 'mine' })"
    const later =
      "import { loadSession } from './dist/src/network/libp2p/session-loader/node.js'; await loadSession()"
    assert.ok((await loadedWithPage(app)).includes(session))
    assert.ok(!(await loadedWithPage(later)).includes(session))
  })

  it('may be a classic script, compiles nothing from text, and begins where there is no window', async () => {
    const { text } = await bundleForBrowsers('dist/src/index.js', { format: 'iife' })
    const shared = [
      AbortController,
      AbortSignal,
      Event,
      EventTarget,
      TextDecoder,
      TextEncoder,
      URL,
      Uint8Array
    ]
    const names = Object.fromEntries(shared.map((value) => [value.name, value]))
    const context = createContext({ ...names, crypto, navigator: {}, setTimeout }, NOTHING_FROM_TEXT)
    runInContext(text, context)
    assert.throws(() => {
      runInContext("new Function('return 1')", context)
    }, /Code generation from strings disallowed/)
  })

  it('cannot be made of what needs Node', async () => {
    await assert.rejects(bundleForBrowsers('dist/src/platform/node.js'), /node:fs/)
  })
})

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { bundleForBrowsers, nodeForSuites } from './browser-bundle.js'

const HEAD = '<!doctype html><meta charset="utf-8"><title>Hallig</title>'
const PAGE = '<script type="module" src="page.js"></script>'
// The suites ask where they are, for the folder of their vectors.
const MOCHA = `<div id="mocha"></div><script src="mocha.js"></script>
<script>mocha.setup({ ui: 'bdd', timeout: 60000 }); globalThis.process = { ...globalThis.process, cwd: () => '' }</script>`

/** A site on localhost, which browsers take for as safe as HTTPS. */
export interface Site {
  readonly url: string
  close(): Promise<void>
}

/** Serve a page that runs one compiled file, and has mocha before if that has suites. */
export async function serveSite(compiled: string, { mocha = false } = {}): Promise<Site> {
  const { text } = await bundleForBrowsers(compiled, { plugins: mocha ? [nodeForSuites] : [] })
  const files = new Map([
    ['/', `${HEAD}${mocha ? MOCHA : ''}${PAGE}`],
    ['/page.js', text]
  ])
  if (mocha)
    files.set('/mocha.js', readFileSync(createRequire(import.meta.url).resolve('mocha/mocha.js'), 'utf8'))
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', url.endsWith('.js') ? 'text/javascript' : 'text/html')
    response.statusCode = files.has(url) ? 200 : 404
    response.end(files.get(url))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The site has no port')
  return {
    url: `http://127.0.0.1:${String(address.port)}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

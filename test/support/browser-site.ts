import { createServer } from 'node:http'
import { bundleForBrowsers } from './browser-bundle.js'

const HTML =
  '<!doctype html><meta charset="utf-8"><title>Hallig</title><script type="module" src="page.js"></script>'

/** A site on localhost, which browsers take for as safe as HTTPS. */
export interface Site {
  readonly url: string
  close(): Promise<void>
}

/** Serve a page that runs one compiled file. */
export async function serveSite(compiled: string): Promise<Site> {
  const { text } = await bundleForBrowsers(compiled)
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.statusCode = isScript || url === '/' ? 200 : 404
    response.end(isScript ? text : HTML)
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

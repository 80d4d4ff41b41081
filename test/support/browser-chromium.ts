import { existsSync } from 'node:fs'
import { chromium, type BrowserContext } from 'playwright-core'
import { temporaryDirectory } from './store-temporary.js'

const EXECUTABLE = '/usr/bin/chromium'
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** A real browser with a profile of its own. */
export interface Chromium {
  readonly context: BrowserContext
  readonly version: string
  /** Directory of the profile. */
  readonly profile: string
  /** SIGKILL every process that runs pages. */
  killRenderers(): Promise<number>
  /** Close it and remove its profile. */
  close(): Promise<void>
}

/** Start Chromium; `undefined` where it is not installed. */
export async function startChromium(): Promise<Chromium | undefined> {
  if (!existsSync(EXECUTABLE)) return undefined
  const profile = await temporaryDirectory()
  const context = await chromium.launchPersistentContext(profile.path, {
    executablePath: EXECUTABLE,
    args: FLAGS
  })
  const browser = context.browser()
  if (browser === null) throw new Error('The context has no browser')
  const session = await browser.newBrowserCDPSession()
  return {
    context,
    version: browser.version(),
    profile: profile.path,
    async killRenderers() {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      const renderers = processInfo.filter(({ type }) => type === 'renderer')
      for (const { id } of renderers) process.kill(id, 'SIGKILL')
      return renderers.length
    },
    async close() {
      await context.close()
      await profile.remove()
    }
  }
}

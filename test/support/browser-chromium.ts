import { chromium, type Page } from 'playwright-core'
import type { Browser, BrowserPage } from './browser.js'
import { killProcess, stopProcesses } from './browser-kill.js'
import { temporaryDirectory } from './store-temporary.js'

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

/** Start Chromium, with a new profile if none is given. */
export async function startChromium(executablePath: string, directory?: string): Promise<Browser> {
  const temporary = directory === undefined ? await temporaryDirectory() : undefined
  const profile = directory ?? temporary?.path ?? ''
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS })
  const browser = context.browser()
  if (browser === null) throw new Error('The context has no browser')
  const session = await browser.newBrowserCDPSession()
  const processes = async (type?: string): Promise<number[]> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return processInfo.filter((process) => type === undefined || process.type === type).map(({ id }) => id)
  }
  return {
    name: 'chromium',
    profile,
    async openPage(hear) {
      const page = await context.newPage()
      await page.exposeFunction('tell', hear)
      return new ChromiumPage(page)
    },
    async killPages() {
      for (const id of await processes('renderer')) killProcess(id)
    },
    async killAll(cut) {
      const ids = await processes()
      const ended = new Promise((resolve) => browser.once('disconnected', resolve))
      await stopProcesses(ids)
      cut()
      ids.forEach(killProcess)
      await ended
    },
    async close() {
      await context.close()
      await temporary?.remove()
    }
  }
}

class ChromiumPage implements BrowserPage {
  readonly errors: string[] = []
  readonly #page: Page
  readonly #crashed: Promise<void>

  constructor(page: Page) {
    this.#page = page
    this.#crashed = new Promise((resolve) => page.once('crash', () => resolve()))
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message))
  }

  async goto(url: string): Promise<void> {
    await this.#page.goto(url)
  }

  async reload(): Promise<void> {
    await this.#page.reload()
  }

  run(expression: string): Promise<unknown> {
    return this.#page.evaluate(expression)
  }

  crashed(): Promise<void> {
    return this.#crashed
  }

  close(): Promise<void> {
    return this.#page.close()
  }
}

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
  killRenderers(): Promise<void>
  /** Cut the power in the midst of everything: SIGKILL every process, as soon as `cut` is done. */
  killAll(cut: () => void): Promise<void>
  /** Close it and remove its profile. */
  close(): Promise<void>
}

/** Start Chromium, with a new profile if none is given; `undefined` where it is not installed. */
export async function startChromium(directory?: string): Promise<Chromium | undefined> {
  if (!existsSync(EXECUTABLE)) return undefined
  const temporary = directory === undefined ? await temporaryDirectory() : undefined
  const profile = directory ?? temporary?.path ?? ''
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: FLAGS
  })
  const browser = context.browser()
  if (browser === null) throw new Error('The context has no browser')
  const session = await browser.newBrowserCDPSession()
  const processes = async (type?: string): Promise<number[]> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return processInfo.filter((process) => type === undefined || process.type === type).map(({ id }) => id)
  }
  return {
    context,
    version: browser.version(),
    profile,
    async killRenderers() {
      for (const id of await processes('renderer')) kill(id)
    },
    async killAll(cut) {
      const ids = await processes()
      const ended = new Promise((resolve) => browser.once('disconnected', resolve))
      cut()
      for (const id of ids) kill(id)
      await ended
    },
    async close() {
      await context.close()
      await temporary?.remove()
    }
  }
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch (error) {
    // It ended meanwhile, because another did.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

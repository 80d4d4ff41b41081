import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { BidiSession } from './browser-bidi.js'
import { temporaryDirectory } from './store-temporary.js'

const EXECUTABLE = '/usr/bin/chromium'
/** Seconds hidden until timers run once a minute; by itself Chromium gives five minutes. */
const GRACE = 1
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--remote-debugging-port=0',
  `--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/${String(GRACE)}`
]

/** A page that can be hidden. */
export interface HidingPage {
  /** Evaluate an expression, whose promise is waited for. */
  run(expression: string): Promise<unknown>
  /** Put another tab in front of it. */
  hide(): Promise<void>
  /** Have it do nothing at all, as a browser does with tabs that were not looked at for long. */
  freeze(): Promise<void>
  show(): Promise<void>
  close(): Promise<void>
}

interface Target {
  readonly id: string
  readonly webSocketDebuggerUrl: string
}

/** Chromium with a page that can be hidden, which the one that other tests drive cannot; `undefined` where it is not installed, which is said. */
export async function openHidingPage(url: string): Promise<HidingPage | undefined> {
  if (!existsSync(EXECUTABLE)) {
    console.log(`    not tested here: this needs ${EXECUTABLE}`)
    return undefined
  }
  const profile = await temporaryDirectory()
  const child = spawn(EXECUTABLE, [...FLAGS, `--user-data-dir=${profile.path}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const address = await new Promise<string>((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      const [, found] = /DevTools listening on (ws:\S+)/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  const open = async (at: string): Promise<Target> => {
    const opened = await fetch(`http://${new URL(address).host}/json/new?${at}`, { method: 'PUT' })
    return (await opened.json()) as Target
  }
  const browser = await BidiSession.begin(address)
  const [target, other] = [await open(url), await open('about:blank')]
  const page = await BidiSession.begin(target.webSocketDebuggerUrl)
  const activate = async ({ id }: Target): Promise<void> => {
    await browser.send('Target.activateTarget', { targetId: id })
  }
  await activate(target)
  return {
    async run(expression) {
      const params = { expression, awaitPromise: true, returnByValue: true }
      const { result, exceptionDetails } = await page.send('Runtime.evaluate', params)
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return (result as { value?: unknown }).value
    },
    hide: () => activate(other),
    async freeze() {
      await page.send('Page.setWebLifecycleState', { state: 'frozen' })
    },
    async show() {
      await page.send('Page.setWebLifecycleState', { state: 'active' })
      await activate(target)
    },
    async close() {
      await browser.send('Browser.close', {})
      await ended
      await profile.remove()
    }
  }
}

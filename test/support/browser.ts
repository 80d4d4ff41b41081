import { existsSync } from 'node:fs'
import { startChromium } from './browser-chromium.js'
import { startFirefox } from './browser-firefox.js'
import type { PageNews } from './browser-protocol.js'

/** Browsers that pages are tried in, and where they lie. */
const EXECUTABLES = { chromium: '/usr/bin/chromium', firefox: '/usr/bin/firefox-esr' } as const

export type BrowserName = keyof typeof EXECUTABLES
export const BROWSERS: readonly BrowserName[] = ['chromium', 'firefox']

/** A page of a real browser. */
export interface BrowserPage {
  /** Exceptions that nobody caught. */
  readonly errors: readonly string[]
  goto(url: string): Promise<void>
  reload(): Promise<void>
  /** Evaluate an expression, whose promise is waited for. */
  run(expression: string): Promise<unknown>
  /** Resolves when the process of the page is gone. */
  crashed(): Promise<void>
  close(): Promise<void>
}

/** A real browser with a profile of its own. */
export interface Browser {
  readonly name: BrowserName
  /** Directory of the profile. */
  readonly profile: string
  /** A page that may `tell`. */
  openPage(hear: (news: PageNews) => void): Promise<BrowserPage>
  /** SIGKILL every process that runs pages. */
  killPages(): Promise<void>
  /** Cut the power in the midst of everything: stop every process, `cut`, and SIGKILL them. */
  killAll(cut: () => void): Promise<void>
  /** Close it and remove its profile. */
  close(): Promise<void>
}

/** Start a browser, with a new profile if none is given; `undefined` where it is not installed, which is said. */
export async function startBrowser(name: BrowserName, directory?: string): Promise<Browser | undefined> {
  const executable = EXECUTABLES[name]
  if (!existsSync(executable)) {
    console.log(`    not tested here: this needs ${executable}`)
    return undefined
  }
  return await (name === 'chromium' ? startChromium : startFirefox)(executable, directory)
}

/** Have a page do a step, which knows nothing but its argument. */
export async function evaluate<Result, Argument = undefined>(
  page: BrowserPage,
  step: (argument: Argument) => Result | Promise<Result>,
  argument?: Argument
): Promise<Result> {
  const call = `(${step.toString()})(${argument === undefined ? '' : JSON.stringify(argument)})`
  const text = await page.run(`Promise.resolve(${call}).then((result) => JSON.stringify([result]))`)
  const [result] = JSON.parse(String(text)) as [Result]
  return result
}

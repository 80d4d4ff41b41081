import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import type { Chromium } from './browser-chromium.js'
import type { PageAnswer, PageHistory, PageNews, PageOptions, PageVerb } from './browser-protocol.js'

/** Milliseconds a browser may take to let go of what a tab held, on a busy machine. */
const LIMIT_MS = 60_000

/** A tab of a real browser that runs `browser-page`. */
export class Tab {
  readonly page: Page
  /** Texts it was told of, in that order. */
  readonly received: string[] = []
  /** Texts whose `send` had resolved, of what it writes by itself. */
  readonly sent: string[] = []
  /** Moments at which it was to hang, and does. */
  readonly reached: string[] = []
  /** The newest status of its own messages, by their text. */
  readonly statuses = new Map<string, string>()
  /** Exceptions that nobody caught. */
  readonly errors: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message))
  }

  static async open(context: BrowserContext, url: string): Promise<Tab> {
    const tab = new Tab(await context.newPage())
    await tab.page.exposeFunction('tell', (news: PageNews) => {
      tab.#hear(news)
    })
    await tab.page.goto(url)
    return tab
  }

  #hear(news: PageNews): void {
    if ('received' in news) this.received.push(news.received)
    else if ('sent' in news) this.sent.push(news.sent)
    else if ('reached' in news) this.reached.push(news.reached)
    else this.statuses.set(news.updated, news.status)
  }

  /** What came of it; the code of the error is a value too. */
  attempt(verb: PageVerb, argument = ''): Promise<PageAnswer> {
    return this.page.evaluate(([name, text]: [PageVerb, string]) => window.ask(name, text), [
      verb,
      argument
    ] satisfies [PageVerb, string])
  }

  async ask(verb: PageVerb, argument = ''): Promise<unknown> {
    const answer = await this.attempt(verb, argument)
    if ('failed' in answer) assert.fail(`${verb}: ${answer.failed}`)
    return answer.result
  }

  /** Open the messenger, and say whose it is. */
  async openMessenger(options: PageOptions): Promise<string> {
    return String(await this.ask('open', JSON.stringify(options)))
  }

  /** The same, once the browser has found out that the tab that had it is gone. */
  async openMessengerOfGoneTab(options: PageOptions): Promise<string> {
    const end = performance.now() + LIMIT_MS
    for (;;) {
      const answer = await this.attempt('open', JSON.stringify(options))
      if ('result' in answer) return String(answer.result)
      if (answer.failed !== 'STORE_LOCKED' || performance.now() > end) assert.fail(answer.failed)
    }
  }

  /** The process of the page is killed, and the tab closed. */
  async kill({ killRenderers }: Chromium): Promise<void> {
    const crashed = this.page.waitForEvent('crash')
    await killRenderers()
    await crashed
    await this.page.close()
  }

  async history(): Promise<PageHistory> {
    return (await this.ask('history')) as PageHistory
  }
}

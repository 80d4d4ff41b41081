import assert from 'node:assert/strict'
import { evaluate, type Browser, type BrowserPage } from './browser.js'
import type { PageAnswer, PageHistory, PageNews, PageOptions, PageVerb } from './browser-protocol.js'

/** Milliseconds a browser may take to let go of what a tab held, on a busy machine. */
const LIMIT_MS = 60_000

/** A tab of a real browser that runs `browser-page`. */
export class Tab {
  /** Texts it was told of, in that order. */
  readonly received: string[] = []
  /** Texts whose `send` had resolved, of what it writes by itself. */
  readonly sent: string[] = []
  /** Moments at which it was to hang, and does. */
  readonly reached: string[] = []
  /** The newest status of its own messages, by their text. */
  readonly statuses = new Map<string, string>()
  #page: BrowserPage | undefined

  static async open(browser: Browser, url: string): Promise<Tab> {
    const tab = new Tab()
    tab.#page = await browser.openPage((news) => {
      tab.#hear(news)
    })
    await tab.page.goto(url)
    return tab
  }

  get page(): BrowserPage {
    if (this.#page === undefined) throw new Error('There is no page yet')
    return this.#page
  }

  /** Exceptions that nobody caught. */
  get errors(): readonly string[] {
    return this.page.errors
  }

  #hear(news: PageNews): void {
    if ('received' in news) this.received.push(news.received)
    else if ('sent' in news) this.sent.push(news.sent)
    else if ('reached' in news) this.reached.push(news.reached)
    else this.statuses.set(news.updated, news.status)
  }

  /** What came of it; the code of the error is a value too. */
  attempt(verb: PageVerb, argument = ''): Promise<PageAnswer> {
    const ask = ([name, text]: [PageVerb, string]): Promise<PageAnswer> => window.ask(name, text)
    return evaluate(this.page, ask, [verb, argument])
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
  async kill(browser: Browser): Promise<void> {
    await browser.killPages()
    await this.page.crashed()
    await this.page.close()
  }

  async history(): Promise<PageHistory> {
    return (await this.ask('history')) as PageHistory
  }
}

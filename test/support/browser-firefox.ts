import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Browser, BrowserPage } from './browser.js'
import { BidiSession } from './browser-bidi.js'
import { killProcess, stopProcesses, textOf } from './browser-kill.js'
import type { PageNews } from './browser-protocol.js'
import { waitFor } from './network-wait.js'
import { temporaryDirectory } from './store-temporary.js'

const FLAGS = ['--headless', '--no-remote', '--remote-debugging-port=0']
/** Milliseconds a process may take to be gone, on a busy machine. */
const LIMIT_MS = 30_000
const EVENTS = ['script.message', 'log.entryAdded']

/** Start Firefox, with a new profile if none is given. */
export async function startFirefox(executable: string, directory?: string): Promise<Browser> {
  const temporary = directory === undefined ? await temporaryDirectory() : undefined
  const profile = directory ?? temporary?.path ?? ''
  // It waits for somebody to choose another if there is none.
  await mkdir(profile, { recursive: true })
  // A process group of its own, by which all of its processes are found.
  const child = spawn(executable, [...FLAGS, '--profile', profile], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1' }
  })
  const session = await BidiSession.begin(`${await addressOf(child)}/session`)
  await session.send('session.new', { capabilities: {} })
  await session.send('session.subscribe', { events: EVENTS })
  const pages = new Set<FirefoxPage>()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return {
    name: 'firefox',
    profile,
    async openPage(hear) {
      const page = await FirefoxPage.open(session, hear)
      pages.add(page)
      return page
    },
    async killPages() {
      const killed = processesOf(child).filter((id) => commandOf(id).endsWith('tab'))
      killed.forEach(killProcess)
      const isGone = (): boolean => killed.every((id) => !processesOf(child).includes(id))
      await waitFor('the processes of pages to be gone', isGone, LIMIT_MS)
      for (const page of pages) page.lose()
      pages.clear()
    },
    async killAll(cut) {
      const ids = processesOf(child)
      await stopProcesses(ids)
      cut()
      ids.forEach(killProcess)
      await ended
      await waitFor('all processes to be gone', () => processesOf(child).length === 0, LIMIT_MS)
    },
    async close() {
      await session.send('browser.close', {})
      await ended
      await waitFor('all processes to be gone', () => processesOf(child).length === 0, LIMIT_MS)
      await temporary?.remove()
    }
  }
}

class FirefoxPage implements BrowserPage {
  readonly errors: string[] = []
  readonly #session: BidiSession
  readonly #context: string
  readonly #lost: Promise<never>
  #lose: (reason: Error) => void = () => undefined

  private constructor(session: BidiSession, context: string, hear: (news: PageNews) => void) {
    this.#session = session
    this.#context = context
    this.#lost = new Promise((_resolve, reject) => (this.#lose = reject))
    this.#lost.catch(() => undefined)
    session.on('script.message', ({ data, source }) => {
      if (member(source, 'context') === context) hear(JSON.parse(String(member(data, 'value'))) as PageNews)
    })
    session.on('log.entryAdded', ({ level, type, text, source }) => {
      const isMine = member(source, 'context') === context
      if (isMine && level === 'error' && type === 'javascript') this.errors.push(String(text))
    })
  }

  static async open(session: BidiSession, hear: (news: PageNews) => void): Promise<FirefoxPage> {
    const context = String((await session.send('browsingContext.create', { type: 'tab' }))['context'])
    await session.send('script.addPreloadScript', {
      functionDeclaration: '(tell) => { window.tell = (news) => tell(JSON.stringify(news)) }',
      arguments: [{ type: 'channel', value: { channel: 'tell' } }],
      contexts: [context]
    })
    return new FirefoxPage(session, context, hear)
  }

  async goto(url: string): Promise<void> {
    await this.#session.send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' })
  }

  async reload(): Promise<void> {
    await this.#session.send('browsingContext.reload', { context: this.#context, wait: 'complete' })
  }

  async run(expression: string): Promise<unknown> {
    const evaluated = this.#session.send('script.evaluate', {
      expression,
      target: { context: this.#context },
      awaitPromise: true
    })
    const { type, result, exceptionDetails } = await Promise.race([evaluated, this.#lost])
    if (type !== 'success') throw new Error(String(member(exceptionDetails, 'text')))
    return member(result, 'value')
  }

  /** Its process is gone, and answers nothing any more. */
  lose(): void {
    this.#lose(new Error('The page is gone'))
  }

  async crashed(): Promise<void> {
    await this.#lost.catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.#session.send('browsingContext.close', { context: this.#context })
  }
}

function addressOf({ stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (stderr === null) throw new Error('It has no output')
    const lines = createInterface(stderr)
    lines.on('line', (line) => {
      const [, url] = /BiDi listening on (ws:\S+)/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
    lines.on('close', () => reject(new Error('Firefox did not start')))
  })
}

/** The living processes of a process group. */
function processesOf({ pid }: ChildProcess): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const [, state, group] = /^.*\) (\S) \S+ (\d+) /s.exec(textOf(`/proc/${name}/stat`)) ?? []
    return Number(group) === pid && state !== 'Z' ? [Number(name)] : []
  })
}

function commandOf(id: number): string {
  return textOf(`/proc/${String(id)}/cmdline`)
    .replaceAll('\0', ' ')
    .trim()
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

import { randomUUID } from 'node:crypto'
import { createMessenger, type Message, type Messenger } from '../../src/index.js'
import { textOf } from '../../src/simulator/person.js'
import { startChromium, type Chromium } from './browser-chromium.js'
import type { PageOptions } from './browser-protocol.js'
import { serveSite, type Site } from './browser-site.js'
import { Tab } from './browser-tab.js'

/** A browser for Alice, and Bob in Node, whom a page can dial. */
export class Meeting {
  readonly chromium: Chromium
  readonly bob: Messenger
  /** What Alice opens her messenger with. */
  readonly alice: PageOptions
  /** What Bob received, in that order. */
  readonly inbox: Message[] = []
  /** The newest status of Bob's messages, by their text. */
  readonly statuses = new Map<string, string>()
  readonly #site: Site

  private constructor(chromium: Chromium, site: Site, bob: Messenger, alice: PageOptions) {
    this.chromium = chromium
    this.#site = site
    this.bob = bob
    this.alice = alice
    bob.addEventListener('message:receive', ({ detail }) => this.inbox.push(detail))
    bob.addEventListener('message:update', ({ detail }) => this.statuses.set(textOf(detail), detail.status))
  }

  /** `undefined` where there is no browser. */
  static async begin(): Promise<Meeting | undefined> {
    const chromium = await startChromium()
    if (chromium === undefined) return undefined
    const networkName = `t-${randomUUID().slice(0, 24)}`
    const listen = ['/ip4/127.0.0.1/tcp/0/ws']
    const bob = await createMessenger({ name: 'Bob', network: { name: networkName, listen, lan: false } })
    const { addresses } = await bob.status()
    const site = await serveSite('dist/test/support/browser-page.js')
    return new Meeting(chromium, site, bob, { path: 'alice', networkName, bootstrap: addresses })
  }

  get heard(): string[] {
    return this.inbox.map(textOf)
  }

  openTab(): Promise<Tab> {
    return Tab.open(this.chromium.context, this.#site.url)
  }

  /** Bob's side of the conversation. */
  async say(text: string): Promise<void> {
    const [contact] = await this.bob.contacts.list()
    if (contact === undefined) throw new Error('Bob has no contact')
    await this.bob.send(contact.conversationId, text)
  }

  async end(): Promise<void> {
    await this.chromium.close()
    await this.bob.close()
    await this.#site.close()
  }
}

/** A meeting for the tests of a suite, which are skipped where there is no browser. */
export function meetInBrowser(): () => Meeting {
  let meeting: Meeting | undefined
  before(async function () {
    meeting = await Meeting.begin()
    if (meeting !== undefined) return
    console.log('    not tested here: a real browser needs /usr/bin/chromium')
    this.skip()
  })
  after(() => meeting?.end())
  return () => {
    if (meeting === undefined) throw new Error('There is no meeting yet')
    return meeting
  }
}

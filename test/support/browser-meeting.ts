import { randomUUID } from 'node:crypto'
import { createMessenger, type Message, type Messenger } from '../../src/index.js'
import { textOf } from '../../src/simulator/person.js'
import { startBrowser, type Browser, type BrowserName } from './browser.js'
import type { PageOptions } from './browser-protocol.js'
import { serveSite, type Site } from './browser-site.js'
import { Tab } from './browser-tab.js'
import type { PowerCutDisk } from './store-power.js'

/** Any free port that a page can dial. */
export const WEB_SOCKET = '/ip4/127.0.0.1/tcp/0/ws'

export interface MeetingPlace {
  readonly browser: BrowserName
  /** A random one if not given. */
  readonly networkName?: string
  /** Address of a node between the two. */
  readonly via?: string
  /** Where Alice's browser keeps everything. */
  readonly disk?: PowerCutDisk
}

function profileOn({ path }: PowerCutDisk): string {
  return `${path}/profile`
}

/** A network that nobody else on this machine is in. */
export function randomNetworkName(): string {
  return `t-${randomUUID().slice(0, 24)}`
}

/** A browser for Alice, and Bob in Node, whom a page can dial. */
export class Meeting {
  browser: Browser
  readonly bob: Messenger
  /** What Alice opens her messenger with. */
  readonly alice: PageOptions
  /** What Bob received, in that order. */
  readonly inbox: Message[] = []
  /** The newest status of Bob's messages, by their text. */
  readonly statuses = new Map<string, string>()
  readonly #site: Site

  private constructor(browser: Browser, site: Site, bob: Messenger, alice: PageOptions) {
    this.browser = browser
    this.#site = site
    this.bob = bob
    this.alice = alice
    bob.addEventListener('message:receive', ({ detail }) => this.inbox.push(detail))
    bob.addEventListener('message:update', ({ detail }) => this.statuses.set(textOf(detail), detail.status))
  }

  /** `undefined` where there is no browser. The page dials Bob, or both dial `via`. */
  static async begin({ browser: kind, networkName, via, disk }: MeetingPlace): Promise<Meeting | undefined> {
    const browser = await startBrowser(kind, disk === undefined ? undefined : profileOn(disk))
    if (browser === undefined) return undefined
    const name = networkName ?? randomNetworkName()
    const way = via === undefined ? { listen: [WEB_SOCKET] } : { listen: [], bootstrap: [via] }
    const bob = await createMessenger({ name: 'Bob', network: { name, lan: false, ...way } })
    const bootstrap = via === undefined ? (await bob.status()).addresses : [via]
    const site = await serveSite('dist/test/support/browser-page.js')
    return new Meeting(browser, site, bob, { path: 'alice', networkName: name, bootstrap })
  }

  get heard(): string[] {
    return this.inbox.map(textOf)
  }

  openTab(): Promise<Tab> {
    return Tab.open(this.browser, this.#site.url)
  }

  /** The power of Alice's device is cut, and comes back. */
  async cutPower(disk: PowerCutDisk): Promise<void> {
    await this.browser.killAll(() => {
      disk.cut()
    })
    disk.restart()
    const browser = await startBrowser(this.browser.name, profileOn(disk))
    if (browser === undefined) throw new Error('The browser is gone')
    this.browser = browser
  }

  /** Bob's side of the conversation. */
  async say(text: string): Promise<void> {
    const [contact] = await this.bob.contacts.list()
    if (contact === undefined) throw new Error('Bob has no contact')
    await this.bob.send(contact.conversationId, text)
  }

  async end(): Promise<void> {
    await this.browser.close()
    await this.bob.close()
    await this.#site.close()
  }
}

/** A meeting for the tests of a suite, which are skipped where there is no browser. */
export function meetInBrowser(browser: BrowserName): () => Meeting {
  let meeting: Meeting | undefined
  before(async function () {
    meeting = await Meeting.begin({ browser })
    if (meeting === undefined) this.skip()
  })
  after(() => meeting?.end())
  return () => {
    if (meeting === undefined) throw new Error('There is no meeting yet')
    return meeting
  }
}

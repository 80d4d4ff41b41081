import { setTimeout as delay } from 'node:timers/promises'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { topicName } from '../../src/protocol/envelope/topic.js'
import { textOf } from '../../src/simulator/person.js'
import type { BrowserName } from './browser.js'
import { Meeting, randomNetworkName, WEB_SOCKET } from './browser-meeting.js'
import type { PageOptions } from './browser-protocol.js'
import type { Tab } from './browser-tab.js'
import { isSame, removeMissing } from './messenger-promised.js'
import { Tap } from './messenger-tap.js'
import { waitFor } from './network-wait.js'
import type { PowerCutDisk } from './store-power.js'

/** Milliseconds until a page must have done its next thing, on a busy machine. */
const LIMIT_MS = 60_000
/** A page is killed after at most so many milliseconds of writing and hearing. */
const LONGEST_MS = 800

export interface TabKills {
  readonly browser: BrowserName
  readonly seed: number
  readonly kills: number
  /** Where the power is cut, instead of a process killed. */
  readonly disk?: PowerCutDisk
  /** What the page does wrong. */
  readonly twin?: Pick<PageOptions, 'lazy' | 'durability'>
}

/** What became of what a page had promised when its process was killed, or its power cut, again and again. */
export interface TabLosses {
  /** Messages whose `send` had resolved, in all, and envelopes that were sealed. */
  sent: number
  envelopes: number
  /** Those that were not in the page's store afterwards, and those it had shown or acknowledged that were not. */
  lostSent: number
  lostReceived: number
  /** Messages that were shown twice. */
  doubled: number
  /** Message keys that sealed two different envelopes. */
  keysReused: number
  /** Whether in the end both hold the same messages, each once, and everything is delivered. */
  agree: boolean
}

/**
 * A messenger in a page that writes to Bob in Node, who answers everything, over a node that looks for keys used twice. The process of the page
 * is killed while it writes, and another tab goes on; or the power of its disk is cut. `undefined` where there is no browser.
 */
export async function writeThroughTabKills(options: TabKills): Promise<TabLosses | undefined> {
  const networkName = randomNetworkName()
  const tap = new Tap(topicName(networkName), { networkName, listen: [WEB_SOCKET] })
  const { browser, disk } = options
  const place = { browser, networkName, via: await tap.start(), ...(disk === undefined ? {} : { disk }) }
  const meeting = await Meeting.begin(place)
  try {
    return meeting === undefined ? undefined : await new Killing(meeting, tap, options).run()
  } finally {
    await meeting?.end()
    await tap.network.stop()
  }
}

class Killing {
  readonly #meeting: Meeting
  readonly #tap: Tap
  readonly #options: TabKills
  readonly #own = new Set<string>()
  readonly #theirs = new Set<string>()
  readonly #shown = new Set<string>()
  readonly #losses = { sent: 0, lostSent: 0, lostReceived: 0, doubled: 0 }

  constructor(meeting: Meeting, tap: Tap, options: TabKills) {
    this.#meeting = meeting
    this.#tap = tap
    this.#options = options
  }

  async run(): Promise<TabLosses> {
    const { bob } = this.#meeting
    const { seed, kills, disk, twin } = this.#options
    const random = createSeededRandom(seed)
    await this.#meet()
    // A twin is to lose what follows, not that they have met.
    if (twin !== undefined) disk?.flush()
    bob.addEventListener('message:receive', ({ detail }) => {
      void bob.send(detail.conversationId, `re ${textOf(detail)}`)
    })
    for (let run = 1; run <= kills; run += 1) {
      const tab = await this.#open()
      await tab.ask('write', String(run))
      await waitFor('it to write and hear', () => tab.sent.length > 0 && tab.received.length > 0, LIMIT_MS)
      await delay(random.between(0, LONGEST_MS))
      if (disk === undefined) await tab.kill(this.#meeting.browser)
      else await this.#meeting.cutPower(disk)
      this.#promise(tab)
    }
    const last = await this.#open()
    const agree = twin === undefined && (await this.#settle(last))
    const { keysReused, envelopes } = this.#tap
    return { ...this.#losses, keysReused, envelopes, agree }
  }

  async #meet(): Promise<void> {
    const { bob, inbox, alice } = this.#meeting
    const tab = await this.#meeting.openTab()
    await tab.openMessenger({ ...alice, ...this.#options.twin })
    await tab.ask('add', await bob.identity.card({ size: 'full', addresses: false }))
    await tab.ask('say', 'Hello')
    await waitFor('Bob to hear', () => inbox.length > 0, LIMIT_MS)
    await waitFor('his receipt', () => tab.statuses.get('Hello') === 'delivered', LIMIT_MS)
    await tab.ask('close')
    await tab.page.close()
  }

  /** Open a tab; what was promised before must be in what it holds. What is gone is counted once. */
  async #open(): Promise<Tab> {
    const tab = await this.#meeting.openTab()
    await tab.openMessengerOfGoneTab({ ...this.#meeting.alice, ...this.#options.twin })
    const { own, theirs } = await tab.history()
    this.#losses.lostSent += removeMissing(this.#own, own)
    this.#losses.lostReceived += removeMissing(this.#theirs, theirs)
    return tab
  }

  /** Keep what a tab had promised, and what Bob was told in its name. */
  #promise({ sent, received }: Tab): void {
    this.#losses.sent += sent.length
    for (const text of sent) this.#own.add(text)
    for (const text of received) {
      this.#theirs.add(text)
      if (this.#shown.has(text)) this.#losses.doubled += 1
      this.#shown.add(text)
    }
    for (const [text, status] of this.#meeting.statuses) if (status === 'delivered') this.#theirs.add(text)
  }

  /** Wait until nothing waits any more. However much does, it goes on as long as it becomes less: a backlog is bounded by its steps. */
  async #settle(tab: Tab): Promise<boolean> {
    const { bob } = this.#meeting
    let [least, since] = [Infinity, performance.now()]
    while (least > 0 && performance.now() - since < LIMIT_MS) {
      const sum = Number(await tab.ask('waiting')) + (await bob.status()).outbox.messages
      if (sum < least) [least, since] = [sum, performance.now()]
      await delay(100)
    }
    this.#promise(tab)
    const { own, theirs } = await tab.history()
    return (
      least === 0 && isSame(own, this.#meeting.heard) && isSame(theirs, [...this.#meeting.statuses.keys()])
    )
  }
}

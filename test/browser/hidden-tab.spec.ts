import assert from 'node:assert/strict'
import { createMessenger, type Messenger } from '../../src/index.js'
import { textOf } from '../../src/simulator/person.js'
import { openHidingPage, type HidingPage } from '../support/browser-hidden.js'
import { randomNetworkName } from '../support/browser-meeting.js'
import type { PageAnswer, PageHistory, PageVerb } from '../support/browser-protocol.js'
import { serveSite, type Site } from '../support/browser-site.js'
import { freePort } from '../support/messenger-processes.js'
import { waitFor } from '../support/network-wait.js'

const LIMIT_MS = 180_000
/** A dial may wait for a minute by itself, and for its timer for another, and the first may fail. */
const LINK_LIMIT_MS = 300_000
/** Milliseconds between two messages. */
const PAUSE_MS = 5_000
/** Milliseconds that timers wait which run once a minute: as often as not the first wait is a part of one. */
const HELD_UP_MS = 50_000
/** Messages while the tab is hidden. */
const MESSAGES = 6
const COUNT_TICKS = 'window.ticks = []; setInterval(() => window.ticks.push(performance.now()), 100)'
const TELL = 'window.heard = []; window.tell = (news) => window.heard.push(news)'

describe('a tab that nobody looks at', function () {
  this.timeout(400_000)
  let site: Site
  let bob: Messenger
  let page: HidingPage
  let heard: string[]
  let delivered: Set<string>

  beforeEach(async function () {
    site = await serveSite('dist/test/support/browser-page.js')
    const opened = await openHidingPage(site.url)
    if (opened === undefined) {
      await site.close()
      this.skip()
    }
    page = opened
    const networkName = randomNetworkName()
    bob = await createMessenger({
      name: 'Bob',
      // Where he was when he comes back.
      network: {
        name: networkName,
        lan: false,
        listen: [`/ip4/127.0.0.1/tcp/${String(await freePort())}/ws`]
      }
    })
    heard = []
    delivered = new Set()
    bob.addEventListener('message:receive', ({ detail }) => heard.push(textOf(detail)))
    bob.addEventListener('message:update', ({ detail }) => {
      if (detail.status === 'delivered') delivered.add(textOf(detail))
    })
    const { addresses } = await bob.status()
    await waitFor('the page', async () => (await page.run('typeof window.ask')) === 'function', LIMIT_MS)
    await page.run(TELL)
    await ask('open', JSON.stringify({ path: 'alice', networkName, bootstrap: addresses }))
    await ask('add', await bob.identity.card())
    await ask('say', 'Hello')
    await waitFor('Bob to hear', () => heard.length === 1, LIMIT_MS)
  })
  afterEach(async function () {
    if (this.currentTest?.isPending() === true) return
    await page.close()
    await bob.close()
    await site.close()
  })

  async function ask(verb: PageVerb, argument = ''): Promise<unknown> {
    const call = `window.ask(${JSON.stringify(verb)}, ${JSON.stringify(argument)})`
    const answer = JSON.parse(String(await page.run(`${call}.then(JSON.stringify)`))) as PageAnswer
    if ('failed' in answer) assert.fail(`${verb}: ${answer.failed}`)
    return answer.result
  }

  async function say(text: string): Promise<void> {
    const [contact] = await bob.contacts.list()
    await bob.send(contact?.conversationId ?? assert.fail(), text)
  }

  /** The longest time between two of its timers of 100 ms, ms. */
  async function longestHoldUp(): Promise<number> {
    const waits = await page.run(
      'Math.max(0, ...window.ticks.slice(1).map((tick, at) => tick - window.ticks[at]))'
    )
    return Number(waits)
  }

  /** Both have all of it, and go on. */
  async function goOn(texts: readonly string[]): Promise<void> {
    await waitFor('all to be delivered', () => texts.every((text) => delivered.has(text)), LIMIT_MS)
    const { theirs } = (await ask('history')) as PageHistory
    assert.deepEqual(theirs, texts)
    await ask('say', 'Here I am')
    await waitFor('Bob to hear', () => heard.includes('Here I am'), LIMIT_MS)
    assert.deepEqual(heard, ['Hello', 'Here I am'])
  }

  it('hears what is said while its timers are slowed down, and answers', async () => {
    await page.hide()
    await page.run(COUNT_TICKS)
    const texts: string[] = []
    const late: number[] = []
    for (let n = 0; n < MESSAGES; n += 1) {
      const began = performance.now()
      texts.push(`while hidden ${String(n)}`)
      await say(texts.at(-1) ?? '')
      const tell = `window.heard.some((news) => news.received === ${JSON.stringify(texts.at(-1))})`
      await waitFor('it to be told of', async () => (await page.run(tell)) === true, LIMIT_MS)
      late.push(performance.now() - began)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    const longest = await longestHoldUp()
    // Without that it is no hidden tab.
    assert.ok(longest > 900, `its timers were held up for ${String(longest)} ms at most`)
    assert.equal(await page.run('document.visibilityState'), 'hidden')
    console.log(
      `      timers held up for ${String(Math.round(longest))} ms, told of after ${String(Math.round(Math.max(...late)))} ms at most`
    )
    const answered = texts.filter((text) => delivered.has(text)).length
    console.log(`      ${String(answered)} of ${String(MESSAGES)} receipts came while it was hidden`)
    const shown = performance.now()
    await page.show()
    await goOn(texts)
    console.log(`      all there ${String(Math.round(performance.now() - shown))} ms after it was shown`)
  })

  it('that is frozen until the other gives up the link hears what was said as soon as it is shown', async () => {
    await page.hide()
    await page.freeze()
    await say('while frozen')
    const isAlone = async (): Promise<boolean> => (await bob.status()).peers.length === 0
    await waitFor('Bob to give up the link', isAlone, LIMIT_MS)
    await say('while away')
    assert.equal(delivered.size, 0)
    const shown = performance.now()
    await page.show()
    await goOn(['while frozen', 'while away'])
    console.log(`      all there ${String(Math.round(performance.now() - shown))} ms after it was shown`)
  })

  it('links itself again while it is hidden, though its timers run once a minute', async () => {
    await page.hide()
    await page.run(COUNT_TICKS)
    await bob.stop()
    await say('while there was no link')
    await waitFor(
      'its timers to run once a minute',
      async () => (await longestHoldUp()) > HELD_UP_MS,
      LIMIT_MS
    )
    await bob.start()
    const back = performance.now()
    await waitFor('it to be delivered', () => delivered.has('while there was no link'), LINK_LIMIT_MS)
    assert.equal(await page.run('document.visibilityState'), 'hidden')
    console.log(
      `      all there ${String(Math.round((performance.now() - back) / 1_000))} s after the other was back`
    )
    await page.show()
    await goOn(['while there was no link'])
  })
})

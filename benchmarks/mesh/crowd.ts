import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMessenger, type Message, type Messenger } from '../../src/index.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { numberedText } from '../gossip/numbered-text.js'
import { monotonic } from '../harness/monotonic.js'
import { linksOf, pairsOf, type Shape } from './shape.js'

/** Pairs that meet at once: more keep the one process so busy that links are taken for dead. */
const LANES = 2
/** ms between two looks at what has arrived. */
const LOOK = 50
/** Dials of one link. */
const MAX_ATTEMPTS = 10
/** Longest wait for a first message, ms: one that is lost must fail the run and say so. */
const GREETING_PATIENCE = 240_000
const GREETING = 'Good morning'

type Send = (text: string) => Promise<void>

/** What became of messages that were sent at a pace. */
export interface Paced {
  readonly sent: number
  /** ms from sending to arrival, of those that arrived. */
  readonly delays: readonly number[]
}

/** Whole messengers in one process, linked over TCP, in pairs that know each other and nobody's address. */
export class Crowd {
  readonly #messengers: Messenger[] = []
  readonly #senders: Send[] = []
  /** When each text arrived. */
  readonly #arrivals = new Map<string, number>()

  /** Start nodes that link up in a shape; resolves when every link is there. */
  async start(shape: Shape, nodes: number): Promise<void> {
    const random = createSeededRandom(nodes)
    const name = `bench-${randomUUID().slice(0, 8)}`
    const links = linksOf(shape, nodes, () => random.number())
    for (const earlier of links) {
      const messenger = await createMessenger({
        network: { name, lan: false, listen: ['/ip4/127.0.0.1/tcp/0'] }
      })
      messenger.addEventListener('message:receive', ({ detail: { content } }) => {
        if (content.kind === 'text') this.#arrivals.set(content.text, monotonic())
      })
      this.#messengers.push(messenger)
      for (const other of earlier) {
        const [address] = (await this.#at(other).status()).addresses
        if (address !== undefined) await dialPatiently(messenger, address)
      }
    }
  }

  /** Let pairs add each other and exchange a first message, so that both have a session. */
  async meet(): Promise<void> {
    const random = createSeededRandom(this.#messengers.length)
    const waiting = [...pairsOf(this.#messengers.length, () => random.number())]
    const lane = async (): Promise<void> => {
      for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) await this.#introduce(...pair)
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  /** Send `count` messages, one every `interval` ms, the writers taking turns; wait until all are there, or `patience` ms. */
  async pace(count: number, interval: number, patience: number): Promise<Paced> {
    const start = monotonic()
    const times = new Map<string, number>()
    for (let index = 0; index < count; index++) {
      const wait = start + index * interval - monotonic()
      if (wait > 0) await sleep(wait)
      const text = numberedText(index)
      times.set(text, monotonic())
      const send = this.#senders[index % this.#senders.length]
      if (send === undefined) throw new Error('Nobody has met')
      await send(text)
    }
    const end = monotonic() + patience
    while (monotonic() < end && [...times.keys()].some((text) => !this.#arrivals.has(text))) await sleep(LOOK)
    const delays = [...times].map(([text, sentAt]) => (this.#arrivals.get(text) ?? NaN) - sentAt)
    return { sent: count, delays: delays.filter((delay) => !Number.isNaN(delay)) }
  }

  async close(): Promise<void> {
    await Promise.all(this.#messengers.map((messenger) => messenger.close()))
  }

  async #introduce(one: number, other: number): Promise<void> {
    const [inviter, guest] = [this.#at(one), this.#at(other)]
    const card = await inviter.identity.card({ size: 'full', addresses: false })
    const [greeted, answered] = [nextMessage(inviter), nextMessage(guest)]
    const { conversationId } = await guest.contacts.add(card)
    await guest.send(conversationId, GREETING)
    const { conversationId: ofGuest } = await greeted
    await inviter.send(ofGuest, GREETING)
    await answered
    this.#senders.push(
      async (text) => {
        await guest.send(conversationId, text)
      },
      async (text) => {
        await inviter.send(ofGuest, text)
      }
    )
  }

  #at(node: number): Messenger {
    const messenger = this.#messengers[node]
    if (messenger === undefined) throw new RangeError(`There is no node ${String(node)}`)
    return messenger
  }
}

async function nextMessage(messenger: Messenger): Promise<Message> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`A greeting did not arrive within ${String(GREETING_PATIENCE / 1000)} s`))
    }, GREETING_PATIENCE)
    messenger.addEventListener(
      'message:receive',
      ({ detail }) => {
        clearTimeout(timer)
        resolve(detail)
      },
      { once: true }
    )
  })
}

/** Dial once more where a node that is busy with the others did not answer in time. */
async function dialPatiently(messenger: Messenger, address: string): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    try {
      await messenger.dial(address)
      return
    } catch (error) {
      if (attempts === MAX_ATTEMPTS) throw error
    }
  }
}

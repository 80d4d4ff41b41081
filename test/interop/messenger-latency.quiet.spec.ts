import assert from 'node:assert/strict'
import { createMessenger, type Messenger } from '../../src/index.js'
import { secureRandom } from '../support/network-libp2p.js'
import { createProxy, type Proxy } from '../support/network-proxy.js'
import { waitFor } from '../support/network-wait.js'
import { importStick, stickWith } from '../support/parcel-stick.js'
import { envelopeForNobody } from '../support/protocol-envelopes.js'

const NETWORK = 'far'
/** Milliseconds each way. So long that what a busy processor adds is a small part of it. */
const LATENCY = 500
/** Round trips that a busy machine may add to each figure. */
const MARGIN = 1
const LIMIT_MS = 60_000
/** Envelopes that both hold, and that each of them holds alone. */
const COMMON = 200
const ALONE = 50

/** Round trips from a moment to another. */
function trips(from: number, to: number): number {
  return (to - from) / (2 * LATENCY)
}

function print(what: string, value: number): void {
  process.stdout.write(`      ${what}: ${value.toFixed(1)} round trips\n`)
}

describe(`whole messengers that are ${String(LATENCY)} ms away from each other`, function () {
  this.timeout(2 * LIMIT_MS)
  let alice: Messenger
  let bob: Messenger
  let proxy: Proxy

  beforeEach(async () => {
    ;[alice, bob] = [await open('alice'), await open('bob')]
    proxy = await createProxy((await bob.status()).addresses[0] ?? '', { latencyMs: LATENCY })
  })
  afterEach(async () => {
    await alice.close()
    await bob.close()
    await proxy.close()
  })

  async function open(name: string): Promise<Messenger> {
    const network = { name: NETWORK, listen: ['/ip4/127.0.0.1/tcp/0'], lan: false }
    return await createMessenger({ name, network })
  }

  /** Resolves with the moment at which both can say something in the topic. */
  async function joined(): Promise<number> {
    await waitFor('both to take part', async () => (await isJoined(alice)) && (await isJoined(bob)), LIMIT_MS)
    return performance.now()
  }

  async function isJoined(messenger: Messenger): Promise<boolean> {
    return (await messenger.status()).peers.some(({ takesPart }) => takesPart)
  }

  /** When bob read each text, and when alice knew it. */
  function listen(): { readonly read: Map<string, number>; readonly known: Map<string, number> } {
    const [read, known] = [new Map<string, number>(), new Map<string, number>()]
    bob.addEventListener('message:receive', ({ detail: { content } }) => {
      if (content.kind === 'text') read.set(content.text, performance.now())
    })
    alice.addEventListener('message:update', ({ detail: { content, status } }) => {
      if (content.kind === 'text' && status === 'delivered') known.set(content.text, performance.now())
    })
    return { read, known }
  }

  for (const size of ['full', 'short'] as const) {
    it(`hello and the first message to somebody known by a ${size} card take half a round trip more than the link`, async () => {
      const { read, known } = listen()
      const card = await bob.identity.card({ size, addresses: false })
      const { conversationId } = await alice.contacts.add(card)
      await alice.send(conversationId, 'first')
      const began = performance.now()
      await alice.dial(proxy.address)
      print('TCP, noise and yamux', trips(began, performance.now()))
      const linked = await joined()
      print('identify and gossip, that is the whole link', trips(began, linked))
      await waitFor('alice to know', () => known.has('first'), LIMIT_MS)
      const first = read.get('first') ?? Infinity
      print('hello and the first message, from the link', trips(linked, first))
      print('the same, from the dial', trips(began, first))
      // Else nothing is held up.
      assert.ok(trips(began, linked) > 3)
      assert.ok(trips(linked, first) <= 0.5 + MARGIN)
      // What is promised, TCP's own round trip included.
      assert.ok(trips(began, first) <= 6)

      const sent = performance.now()
      await alice.send(conversationId, 'second')
      await waitFor('alice to know', () => known.has('second'), LIMIT_MS)
      const [second, told] = [read.get('second') ?? Infinity, known.get('second') ?? Infinity]
      print('a message over the link', trips(sent, second))
      print('and its receipt', trips(sent, told))
      assert.ok(trips(sent, second) <= 0.5 + MARGIN)
      assert.ok(trips(sent, told) <= 1 + MARGIN)
    })
  }

  it(`reconcile ${String(2 * ALONE)} envelopes among ${String(COMMON)} in three and a half round trips`, async () => {
    const common = envelopes(COMMON)
    for (const messenger of [alice, bob]) {
      const { taken } = await importStick(messenger, stickWith(NETWORK, [...common, ...envelopes(ALONE)]))
      assert.equal(taken, COMMON + ALONE)
    }
    await alice.dial(proxy.address)
    const began = await joined()
    const synced = alice.sync()
    await waitFor(
      'all to be everywhere',
      async () => (await holdsAll(alice)) && (await holdsAll(bob)),
      LIMIT_MS
    )
    const took = trips(began, performance.now())
    print('until both have everything', took)
    const { peers, received, given } = await synced
    print('until that is known', trips(began, performance.now()))
    assert.deepEqual({ peers, received, given }, { peers: 1, received: ALONE, given: ALONE })
    assert.ok(took >= 3, 'a session that is held up')
    assert.ok(took <= 4 + MARGIN)
  })

  async function holdsAll(messenger: Messenger): Promise<boolean> {
    return (await messenger.status()).mailbox.foreign === COMMON + 2 * ALONE
  }
})

function envelopes(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => envelopeForNobody(secureRandom))
}

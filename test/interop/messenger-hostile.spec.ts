import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { encodeParcel } from '../../src/codec/parcel.js'
import type { Messenger } from '../../src/index.js'
import { createMessenger } from '../../src/index.js'
import { createSeededRandom, type SeededRandom } from '../../src/network/seeded-random.js'
import { TOPIC } from '../support/network-libp2p.js'
import { createRawPeer, type RawServices } from '../support/network-raw-peer.js'
import { waitFor } from '../support/network-wait.js'
import { envelopeForNobody } from '../support/protocol-envelopes.js'
import { freshSeed } from '../support/store-random.js'

const MEBIBYTE = 1_048_576
const PARCELS = 10_000

describe('a whole messenger and a raw libp2p peer', () => {
  let messengers: Messenger[]
  let raw: Libp2p<RawServices>[]

  beforeEach(() => {
    messengers = []
    raw = []
  })
  afterEach(async () => {
    for (const messenger of messengers) await messenger.close()
    for (const peer of raw) await peer.stop()
  })

  async function open(name: string): Promise<Messenger> {
    const network = { name: 'test', listen: ['/ip4/127.0.0.1/tcp/0'], lan: false }
    const messenger = await createMessenger({ name, network })
    messengers.push(messenger)
    return messenger
  }

  async function addressOf(messenger: Messenger): Promise<string> {
    return (await messenger.status()).addresses[0] ?? ''
  }

  /** Another identity of mallory's, linked to `victim`. */
  async function intrude(victim: Messenger): Promise<Libp2p<RawServices>> {
    const mallory = await createRawPeer({ maxOutboundBufferSize: 64 * MEBIBYTE })
    raw.push(mallory)
    mallory.services.pubsub.subscribe(TOPIC)
    await mallory.dial(multiaddr(await addressOf(victim)))
    await waitFor('the topic', () => mallory.services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
    return mallory
  }

  const seed = freshSeed()
  it(`that sends ${String(PARCELS)} random and mutated parcels: it is cut off, and honest people notice nothing (seed ${String(seed)})`, async function () {
    this.timeout(60_000)
    const random = createSeededRandom(seed)
    const [alice, bob] = [await open('alice'), await open('bob')]
    await alice.dial(await addressOf(bob))
    const { conversationId } = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    const heard: string[] = []
    bob.addEventListener('message:receive', ({ detail }) => {
      if (detail.content.kind === 'text') heard.push(detail.content.text)
    })
    await alice.send(conversationId, 'before')
    await waitFor('bob to hear', () => heard.length === 1, 10_000)
    const genuine: Uint8Array[] = []
    const before = process.memoryUsage().rss
    let identities = 0
    let sent = 0
    let mallory = await intrude(bob)
    identities++
    const listen = (peer: Libp2p<RawServices>): void => {
      peer.services.pubsub.addEventListener('gossipsub:message', ({ detail }) => {
        if (genuine.length < 100) genuine.push(detail.msg.data)
      })
    }
    listen(mallory)
    while (sent < PARCELS) {
      for (let n = 0; n < 100; n++) {
        await mallory.services.pubsub.publish(TOPIC, parcel(random, genuine))
        sent++
      }
      await alice.send(conversationId, `during ${String(sent)}`)
      await new Promise((resolve) => setImmediate(resolve))
      const { peers } = await bob.status()
      if (peers.every(({ peer }) => peer !== mallory.peerId.toString())) {
        // A new identity costs nothing.
        await mallory.stop()
        mallory = await intrude(bob)
        identities++
        listen(mallory)
      }
    }
    const expected = [
      'before',
      ...Array.from({ length: PARCELS / 100 }, (_, n) => `during ${String((n + 1) * 100)}`)
    ]
    await waitFor('everything honest', () => heard.length >= expected.length, 20_000)
    assert.deepEqual(heard, expected)
    assert.ok(identities > 5, `mallory was cut off ${String(identities - 1)} times`)
    const grown = (process.memoryUsage().rss - before) / MEBIBYTE
    assert.ok(grown < 192, `${String(Math.round(grown))} MiB more`)
    assert.equal((await bob.contacts.list()).length, 1)
  })

  it('that floods with well-formed envelopes for nobody: they are dropped, and honest people are heard', async function () {
    this.timeout(60_000)
    const random = createSeededRandom(seed)
    const [alice, bob] = [await open('alice'), await open('bob')]
    await alice.dial(await addressOf(bob))
    const { conversationId } = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    let heard = 0
    bob.addEventListener('message:receive', () => heard++)
    const mallory = await intrude(bob)
    const before = process.memoryUsage().rss
    for (let round = 0; round < 100; round++) {
      for (let n = 0; n < 10; n++) {
        const envelopes = Array.from({ length: 10 }, () => envelopeForNobody(random.bytes))
        await mallory.services.pubsub.publish(TOPIC, encodeParcel(envelopes, random.bytes(8)))
      }
      await alice.send(conversationId, `m${String(round)}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await waitFor('everything honest', () => heard === 100, 20_000)
    const grown = (process.memoryUsage().rss - before) / MEBIBYTE
    assert.ok(grown < 192, `${String(Math.round(grown))} MiB more`)
  })
})

/** Noise, a cut-off parcel, a mutated one, a genuine one with flipped bits, or one too long. */
function parcel(random: SeededRandom, genuine: readonly Uint8Array[]): Uint8Array {
  const good = encodeParcel([envelopeForNobody(random.bytes)], random.bytes(8))
  const heard = genuine[Math.floor(random.number() * genuine.length)] ?? good
  const flipped = heard.slice()
  const at = Math.floor(random.number() * flipped.length)
  flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random.between(0, 7)))
  const mutated = good.slice()
  const early = Math.floor(random.between(0, 30))
  mutated[early] = (mutated[early] ?? 0) ^ 0xff
  const parcels = [
    random.bytes(Math.floor(random.between(0, 2_000))),
    good.slice(0, Math.floor(random.number() * good.length)),
    mutated,
    flipped,
    random.chance(0.1) ? new Uint8Array(70_000) : random.bytes(64)
  ]
  return parcels[Math.floor(random.number() * parcels.length)] ?? good
}

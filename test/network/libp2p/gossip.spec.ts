import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_PARCEL_BYTES, encodeParcel } from '../../../src/codec/parcel.js'
import { Gossip } from '../../../src/network/libp2p/gossip.js'
import { MAX_BACKLOG_WAIT_MS } from '../../../src/network/limits.js'
import { TOPIC, realClock } from '../../support/network-libp2p.js'
import { createProxy } from '../../support/network-proxy.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import type { RawServices } from '../../support/network-raw-peer.js'
import { createRecorder, numbered } from '../../support/network-recorder.js'
import type { Recorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

describe('network/libp2p/gossip', () => {
  let alice: Libp2p<RawServices>
  let bob: Libp2p<RawServices>
  let recorder: Recorder
  let offenders: string[]
  let gossip: Gossip
  /** Called whenever it begins to wait; says whether the test wakes it. */
  let onWait: (delay: number, wake: () => void) => boolean

  beforeEach(async () => {
    ;[alice, bob] = [await createRawPeer(), await createRawPeer()]
    recorder = createRecorder()
    offenders = []
    onWait = () => false
    gossip = new Gossip({
      node: alice,
      pubsub: alice.services.pubsub,
      handlers: recorder.handlers,
      clock: {
        ...realClock,
        schedule: (delay, wake) => (onWait(delay, wake) ? () => undefined : realClock.schedule(delay, wake))
      },
      onOffence: (peer) => void offenders.push(peer)
    })
    gossip.begin([TOPIC])
    bob.services.pubsub.subscribe(TOPIC)
  })

  afterEach(async () => {
    gossip.stop()
    await alice.stop()
    await bob.stop()
  })

  async function linkTo(address: string): Promise<void> {
    await alice.dial(multiaddr(address))
    await waitFor('the join', () => recorder.joins.length > 0, 5_000)
    await waitFor('bob to see it', () => bob.services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
  }

  it('reports a join when the peer can be written to, not before', async () => {
    let recipients: number | undefined
    recorder.onEvent = () => {
      if (recorder.joins.length !== 1 || recipients !== undefined) return
      recipients = 0
      void gossip
        .publish(TOPIC, encodeParcel([numbered(1)], new Uint8Array(8)))
        .then((count) => (recipients = count))
    }
    // Dialled by bob, alice hears his subscriptions before she has a stream back to him.
    await bob.dial(multiaddr(rawAddress(alice)))
    await waitFor('the join and its publish', () => (recipients ?? 0) > 0, 5_000)
    assert.deepEqual(recorder.joins, [`${TOPIC} ${bob.peerId.toString()}`])
  })

  it('reports no join while gossipsub waits for a stream that is open already', async () => {
    const { promise: handedOver, resolve: handOver } = Promise.withResolvers<undefined>()
    let isOpen = false
    alice.addEventListener('connection:open', ({ detail: connection }) => {
      const open = connection.newStream.bind(connection)
      connection.newStream = async (protocols, options) => {
        const stream = await open(protocols, options)
        if (!alice.services.pubsub.protocols.includes(stream.protocol)) return stream
        isOpen = true
        await handedOver
        return stream
      }
    })
    let waits = 0
    onWait = () => {
      // The first may have begun before the stream was open.
      if (isOpen && ++waits === 2) handOver(undefined)
      return false
    }
    let published: Promise<number> | undefined
    recorder.onEvent = () => {
      if (recorder.joins.length > 0)
        published ??= gossip.publish(TOPIC, encodeParcel([numbered(1)], new Uint8Array(8)))
    }
    await bob.dial(multiaddr(rawAddress(alice)))
    await waitFor('the join', () => published !== undefined, 5_000)
    assert.equal(await published, 1)
  })

  it('refuses an oversize parcel without asking, and blames who sent it', async () => {
    await linkTo(rawAddress(bob))
    await bob.services.pubsub.publish(TOPIC, new Uint8Array(MAX_PARCEL_BYTES + 1))
    await waitFor('the offence', () => offenders.length > 0, 5_000)
    assert.deepEqual([offenders, recorder.parcels], [[bob.peerId.toString()], 0])
  })

  it('blames nobody for what is only ignored', async () => {
    await linkTo(rawAddress(bob))
    recorder.verdict = 'ignore'
    await bob.services.pubsub.publish(TOPIC, encodeParcel([numbered(1)], new Uint8Array(8)))
    await waitFor('the first', () => recorder.inspected === 1, 5_000)
    recorder.verdict = 'accept'
    await bob.services.pubsub.publish(TOPIC, encodeParcel([numbered(2)], new Uint8Array(8)))
    await waitFor('the second', () => recorder.parcels === 1, 5_000)
    assert.deepEqual(offenders, [])
  })

  it('is ready again in the same turn of the event loop while nothing is in its way', async () => {
    await linkTo(rawAddress(bob))
    await gossip.publish(TOPIC, encodeParcel([numbered(1)], new Uint8Array(8)))
    let turns = 0
    let timer = setImmediate(function count() {
      turns += 1
      timer = setImmediate(count)
    })
    await gossip.ready()
    clearImmediate(timer)
    assert.ok(turns <= 2, `${turns} turns`)
  })

  it('waits for a peer that does not keep up, but only so long', async () => {
    const proxy = await createProxy(rawAddress(bob))
    try {
      await linkTo(proxy.address)
      proxy.freeze()
      const giveUps: (() => void)[] = []
      onWait = (delay, wake) => delay === MAX_BACKLOG_WAIT_MS && giveUps.push(wake) > 0
      const published: number[] = []
      const ready: number[] = []
      while (published.length < 40 && giveUps.length === 0) {
        const n = published.length
        await gossip.publish(TOPIC, encodeParcel([numbered(n, 60_000)], new Uint8Array(8)))
        published.push(n)
        void gossip.ready().then(() => ready.push(n))
        await waitFor('it to be ready or to wait', () => ready.includes(n) || giveUps.length > 0, 5_000)
      }
      assert.deepEqual(ready, published.slice(0, -1))
      for (const giveUp of giveUps) giveUp()
      await waitFor('it to be ready', () => ready.length === published.length, 5_000)
    } finally {
      await proxy.close()
    }
  })

  it('leaves the topics and listens no more when stopped', async () => {
    await linkTo(rawAddress(bob))
    gossip.stop()
    assert.deepEqual([alice.services.pubsub.getTopics(), alice.services.pubsub.topicValidators.size], [[], 0])
  })
})

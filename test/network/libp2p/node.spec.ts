import assert from 'node:assert/strict'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { isMessengerError } from '../../../src/errors.js'
import type { ErrorCode } from '../../../src/errors.js'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import type { Libp2pNetworkOptions } from '../../../src/network/libp2p/options.js'
import { MAX_TOPICS } from '../../../src/network/limits.js'
import { PROTOCOL, TOPIC, createTestNetwork } from '../../support/network-libp2p.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import { createRecorder, numbered } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

describe('network/libp2p node', () => {
  let networks: Libp2pNetwork[]
  let rawPeers: Libp2p[]

  beforeEach(() => {
    networks = []
    rawPeers = []
  })

  afterEach(async () => {
    for (const network of networks) await network.stop()
    for (const peer of rawPeers) await peer.stop()
  })

  function create(options: Partial<Libp2pNetworkOptions> = {}): Libp2pNetwork {
    const network = createTestNetwork(options)
    networks.push(network)
    return network
  }

  async function createRaw(...options: Parameters<typeof createRawPeer>): ReturnType<typeof createRawPeer> {
    const peer = await createRawPeer(...options)
    rawPeers.push(peer)
    return peer
  }

  it('says that a port is in use, and starts on another', async () => {
    const alice = create()
    await alice.start(createRecorder().handlers)
    const taken = alice.addresses()[0]?.replace(/\/p2p\/.*/, '') ?? ''
    await rejects(create({ listen: [taken] }).start(createRecorder().handlers), 'ADDRESS_IN_USE')
    await create().start(createRecorder().handlers)
  })

  it('says that an address is not of this device, or none at all', async () => {
    const foreign = create({ listen: ['/ip4/203.0.113.77/tcp/0'] })
    await rejects(foreign.start(createRecorder().handlers), 'ADDRESS_INVALID')
    throws(() => create({ listen: ['here'] }), 'ADDRESS_INVALID')
    throws(() => create({ bootstrap: ['there'] }), 'ADDRESS_INVALID')
  })

  it('knows its topics from the start', () => {
    throws(
      () => create({ topics: Array.from({ length: MAX_TOPICS + 1 }, (_, n) => `/t/${n}`) }),
      'OPTIONS_INVALID'
    )
    throws(() => {
      create().join('/another')
    }, 'OPTIONS_INVALID')
  })

  it('keeps its peer id with its seed, and only with it', async () => {
    const seed = new Uint8Array(32).fill(1)
    const [seeded, again, other] = [create({ peerSeed: seed }), create({ peerSeed: seed }), create()]
    for (const network of [seeded, again, other]) await network.start(createRecorder().handlers)
    assert.equal(seeded.peer, again.peer)
    assert.equal(seeded.peer, String(peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seed))))
    assert.notEqual(seeded.peer, other.peer)
  })

  it('links to its bootstrap addresses, also when they come up later', async () => {
    const bob = create({ peerSeed: new Uint8Array(32).fill(2) })
    await bob.start(createRecorder().handlers)
    const address = bob.addresses()[0] ?? ''
    await bob.stop()
    const alice = create({ bootstrap: [address] })
    await alice.start(createRecorder().handlers)
    const listen = [address.replace(/\/p2p\/.*/, '')]
    const again = create({ listen, peerSeed: new Uint8Array(32).fill(2) })
    await again.start(createRecorder().handlers)
    await waitFor('the link', () => alice.peers()[0]?.peer === again.peer, 10_000)
  })

  describe('with a libp2p node of somebody else', () => {
    it('takes part through it, and leaves it running without a trace', async () => {
      const raw = await createRaw()
      const before = raw.getProtocols()
      const [alice, bob] = [create({ libp2p: raw }), create()]
      const [ofAlice, ofBob] = [createRecorder(), createRecorder()]
      for (const [network, { handlers }] of [
        [alice, ofAlice],
        [bob, ofBob]
      ] as const) {
        network.join(TOPIC)
        await network.start(handlers)
      }
      await alice.dial(bob.addresses()[0] ?? '')
      await waitFor('both to join', () => ofAlice.joins.length > 0 && ofBob.joins.length > 0, 5_000)
      await bob.publish(TOPIC, numbered(1))
      await waitFor('the envelope', () => ofAlice.envelopes.length === 1, 5_000)
      const answer = await bob.request(alice.peer ?? '', PROTOCOL, Uint8Array.of(1, 2))
      assert.deepEqual(answer, Uint8Array.of(2, 1))
      await alice.stop()
      assert.deepEqual(
        [raw.status, raw.getProtocols(), raw.services.pubsub.getTopics()],
        ['started', before, []]
      )
      assert.equal(raw.getConnections().length, 1)
    })

    it('greets who was linked before it started', async () => {
      const [raw, other] = [await createRaw(), await createRaw()]
      other.services.pubsub.subscribe(TOPIC)
      await raw.dial(multiaddr(rawAddress(other)))
      await waitFor('the subscription', () => raw.services.pubsub.getSubscribers(TOPIC).length === 1, 5_000)
      const [alice, recorder] = [create({ libp2p: raw }), createRecorder()]
      alice.join(TOPIC)
      await alice.start(recorder.handlers)
      await waitFor('the join', () => recorder.joins.length > 0, 5_000)
      assert.equal(alice.peers().length, 1)
    })

    it('stops in good order when the node was stopped before', async () => {
      const raw = await createRaw()
      const alice = create({ libp2p: raw })
      alice.join(TOPIC)
      await alice.start(createRecorder().handlers)
      await raw.stop()
      await alice.stop()
      assert.equal(raw.services.pubsub.topicValidators.size, 0)
    })

    it('takes part again when the node was stopped and started', async () => {
      const raw = await createRaw()
      const [alice, bob] = [create({ libp2p: raw }), create()]
      const [ofAlice, ofBob] = [createRecorder(), createRecorder()]
      for (const network of [alice, bob]) network.join(TOPIC)
      await alice.start(ofAlice.handlers)
      await bob.start(ofBob.handlers)
      alice.keep([{ id: 'bob', addresses: bob.addresses() }])
      const joins = (): number => Math.min(ofAlice.joins.length, ofBob.joins.length)
      await waitFor('both to join', () => joins() > 0, 5_000)
      const peersWhenTold: number[] = []
      ofAlice.onEvent = () => peersWhenTold.push(alice.peers().length)
      await raw.stop()
      assert.equal(peersWhenTold.at(-1), 0)
      await raw.start()
      await waitFor('both to join again', () => joins() > 1, 5_000)
      await bob.publish(TOPIC, numbered(1))
      await waitFor('the envelope', () => ofAlice.envelopes.length === 1, 5_000)
    }).timeout(20_000)

    it('refuses one that is not started, and one whose gossipsub allows other topics only', async () => {
      const [stopped, strange] = [
        await createRaw(),
        await createRaw({ allowedTopics: ['/hallig/1/other/0'] })
      ]
      await stopped.stop()
      for (const libp2p of [stopped, strange])
        await rejects(create({ libp2p }).start(createRecorder().handlers), 'OPTIONS_INVALID')
    })

    it('refuses one that another messenger uses, and leaves that in peace', async () => {
      const raw = await createRaw()
      const [alice, bob] = [create({ libp2p: raw }), create({ libp2p: raw })]
      alice.join(TOPIC)
      await alice.start(createRecorder().handlers)
      await rejects(bob.start(createRecorder().handlers), 'NETWORK_FAILED')
      assert.deepEqual(raw.services.pubsub.getTopics(), [TOPIC])
      assert.ok(raw.getProtocols().includes(PROTOCOL))
    })

    it('refuses one whose gossipsub signs, for nobody else would accept its messages', async () => {
      const signing = create({ libp2p: await createRaw({ globalSignaturePolicy: 'StrictSign' }) })
      await rejects(signing.start(createRecorder().handlers), 'OPTIONS_INVALID')
    })
  })
})

function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  return assert.rejects(promise, (error: unknown) => {
    assert.ok(isMessengerError(error, code), String(error))
    return true
  })
}

function throws(call: () => unknown, code: ErrorCode): void {
  assert.throws(call, (error: unknown) => isMessengerError(error, code))
}

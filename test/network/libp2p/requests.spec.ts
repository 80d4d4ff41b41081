import assert from 'node:assert/strict'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { isMessengerError } from '../../../src/errors.js'
import { Requests } from '../../../src/network/libp2p/requests.js'
import { REQUEST_TIMEOUT_MS } from '../../../src/network/limits.js'
import { createVirtualClock } from '../../../src/simulator/virtual-clock.js'
import { PROTOCOL, createFastClock, realClock } from '../../support/network-libp2p.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'

const SPEED = 20

describe('network/libp2p/requests', () => {
  let alice: Libp2p
  let bob: Libp2p
  let connection: Connection
  let requests: Requests

  beforeEach(async () => {
    ;[alice, bob] = [await createRawPeer(), await createRawPeer()]
    connection = await alice.dial(multiaddr(rawAddress(bob)))
    requests = new Requests(realClock, undefined)
  })

  afterEach(async () => {
    await alice.stop()
    await bob.stop()
  })

  it('follow each other to one peer, so that none is refused', async () => {
    let [running, most] = [0, 0]
    await requests.handle(bob, [PROTOCOL], async (_, request) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return request
    })
    const sent = Array.from({ length: 20 }, (_, n) => Uint8Array.of(n))
    const answers = await Promise.all(sent.map((request) => requests.send(connection, PROTOCOL, request)))
    assert.deepEqual(answers, sent)
    assert.ok(most <= 2, `${most} at once`)
  })

  it('go on after one that failed', async () => {
    const answers = [undefined, Uint8Array.of(2)]
    await requests.handle(bob, [PROTOCOL], () => Promise.resolve(answers.shift()))
    await assert.rejects(requests.send(connection, PROTOCOL, Uint8Array.of(1)))
    assert.deepEqual(await requests.send(connection, PROTOCOL, Uint8Array.of(1)), Uint8Array.of(2))
  })

  it('fail when the peer takes too long, at both ends', async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<Stream>()
    await bob.handle(PROTOCOL, open)
    const clock = createVirtualClock()
    const asked = new Requests(clock, undefined).send(connection, PROTOCOL, Uint8Array.of(1))
    const ends: string[] = []
    asked.then(
      () => ends.push('answered'),
      () => ends.push('failed')
    )
    const stream = await opened
    await clock.advance(REQUEST_TIMEOUT_MS - 1)
    assert.deepEqual(ends, [])
    await clock.advance(1)
    await assert.rejects(asked, (error) => isMessengerError(error, 'NETWORK_FAILED'))
    stream.abort(new Error('done'))
  })

  it('lose their stream when they begin and never end', async () => {
    const hasty = new Requests(createFastClock(SPEED), undefined)
    await hasty.handle(bob, [PROTOCOL], (_, request) => Promise.resolve(request))
    const stream = await connection.newStream(PROTOCOL)
    const closed = new Promise((resolve) => {
      stream.addEventListener('close', resolve, { once: true })
    })
    stream.send(Uint8Array.of(200, 1, 7))
    await closed
    assert.equal(connection.status, 'open')
    assert.deepEqual(await requests.send(connection, PROTOCOL, Uint8Array.of(3)), Uint8Array.of(3))
  })

  it('are not answered any more when the protocols are taken back', async () => {
    const unhandle = await requests.handle(bob, [PROTOCOL], (_, request) => Promise.resolve(request))
    await unhandle()
    await assert.rejects(requests.send(connection, PROTOCOL, Uint8Array.of(1)))
  })
})

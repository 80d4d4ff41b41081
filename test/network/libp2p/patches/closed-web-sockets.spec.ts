import '../../../../src/platform/polyfill.js'
import '../../../../src/network/libp2p/transports/web-socket.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Libp2p } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import assert from 'node:assert/strict'
import {
  closedWebSockets,
  type WebSocketFactory
} from '../../../../src/network/libp2p/patches/closed-web-sockets.js'
import { waitFor } from '../../../support/network-wait.js'

/** Milliseconds in which the other side hears of an end. */
const LIMIT_MS = 5_000

describe('network/libp2p/patches/closed-web-sockets', () => {
  const nodes: Libp2p[] = []
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop()
  })

  /** Two nodes with a link: who dialled, and who listens. */
  async function link(create: () => WebSocketFactory): Promise<readonly [Libp2p, Libp2p]> {
    for (const listen of [[], ['/ip4/127.0.0.1/tcp/0/ws']]) {
      const parts = { connectionEncrypters: [noise()], streamMuxers: [yamux()] }
      nodes.push(await createLibp2p({ addresses: { listen }, transports: [create()], ...parts }))
    }
    const [dialler, listener] = nodes
    assert.ok(dialler !== undefined && listener !== undefined)
    await dialler.dial(listener.getMultiaddrs())
    await waitFor('both to have the link', () => listener.getConnections().length === 1, LIMIT_MS)
    return [dialler, listener]
  }

  const sides = { 'who dialled': [0, 1], 'who listens': [1, 0] } as const
  for (const [side, [ender, other]] of Object.entries(sides)) {
    it(`tell the other side when ${side} aborts their connection`, async () => {
      const both = await link(closedWebSockets)
      both[ender].getConnections()[0]?.abort(new Error('enough'))
      await waitFor('the other to hear', () => both[other].getConnections().length === 0, LIMIT_MS)
    })
  }

  it('are needed as long as js-libp2p closes with a code that no WebSocket takes', async () => {
    const [dialler, listener] = await link(webSockets)
    const [connection] = listener.getConnections()
    connection?.abort(new Error('enough'))
    await assert.rejects(waitFor('the other to hear', () => dialler.getConnections().length === 0, 1_000))
  })
})

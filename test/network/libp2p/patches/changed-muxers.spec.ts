import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { withChangedMuxers, type Muxer } from '../../../../src/network/libp2p/patches/changed-muxers.js'
import { createRawPeer } from '../../../support/network-raw-peer.js'

describe('network/libp2p/patches/changed-muxers', () => {
  it('hands over the muxer of each connection once, before it has a stream', async () => {
    const seen: Muxer[] = []
    const streams: number[] = []
    const alice = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [
        withChangedMuxers(yamux(), (muxer) => {
          seen.push(muxer)
          streams.push(muxer.streams.length)
        })
      ]
    })
    const peers = [await createRawPeer(), await createRawPeer()]
    try {
      for (const peer of peers) await alice.dial(peer.getMultiaddrs())
      assert.equal(new Set(seen).size, 2)
      assert.deepEqual(streams, [0, 0])
    } finally {
      for (const node of [alice, ...peers]) await node.stop()
    }
  })
})

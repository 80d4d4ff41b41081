import assert from 'node:assert/strict'
import { transportSymbol } from '@libp2p/interface'
import type { Connection, DialTransportOptions, Transport } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { RelayedDials } from '../../../src/network/libp2p/relayed-dials.js'

const PEER = '12D3KooWDPA4rB5RHGDkDkTD13fucYDMwsjv7vtrd3cUSU4nGgJz'
const RELAYED = multiaddr(`/ip4/10.0.0.1/tcp/4001/p2p/${PEER}/p2p-circuit/p2p/${PEER}`)
const DIRECT = multiaddr(`/ip4/10.0.0.1/tcp/4001/p2p/${PEER}`)

describe('network/libp2p/relayed-dials', () => {
  let loads: number
  let dialled: string[]
  let dials: RelayedDials

  beforeEach(() => {
    loads = 0
    dialled = []
    dials = new RelayedDials(() => {
      loads += 1
      return Promise.resolve(transport)
    })
  })

  // A transport that notes what it is given.
  const transport: Transport = {
    [transportSymbol]: true,
    [Symbol.toStringTag]: 'noting',
    dial: (address) => {
      dialled.push(address.toString())
      return Promise.resolve({} as Connection)
    },
    createListener: () => assert.fail(),
    listenFilter: () => [],
    dialFilter: (addresses) => addresses
  }

  const until = (signal: AbortSignal): DialTransportOptions => ({ signal }) as DialTransportOptions

  it('load the transport at the first dial, and once', async () => {
    assert.deepEqual(dials.dialFilter([RELAYED, DIRECT]), [RELAYED])
    assert.equal(loads, 0)
    const { signal } = new AbortController()
    await Promise.all([dials.dial(RELAYED, until(signal)), dials.dial(RELAYED, until(signal))])
    await dials.dial(RELAYED, until(signal))
    assert.equal(loads, 1)
    assert.equal(dialled.length, 3)
  })

  it('do not begin when they were given up while it was loaded', async () => {
    const aborting = new AbortController()
    const dial = dials.dial(RELAYED, until(aborting.signal))
    aborting.abort(new Error('Nobody waits'))
    await assert.rejects(dial, /Nobody waits/)
    assert.deepEqual(dialled, [])
  })

  it('load it once more where that has failed, as in a page while its server cannot be reached', async () => {
    let tries = 0
    dials = new RelayedDials(() => {
      tries += 1
      return tries === 1 ? Promise.reject(new Error('No such file')) : Promise.resolve(transport)
    })
    const { signal } = new AbortController()
    const both = await Promise.allSettled([
      dials.dial(RELAYED, until(signal)),
      dials.dial(RELAYED, until(signal))
    ])
    assert.deepEqual([tries, ...both.map(({ status }) => status)], [1, 'rejected', 'rejected'])
    await dials.dial(RELAYED, until(signal))
    assert.deepEqual([tries, dialled.length], [2, 1])
  })

  it('wait for it no longer than they are wanted', async () => {
    let finish: (loaded: Transport) => void = () => undefined
    dials = new RelayedDials(() => new Promise((resolve) => (finish = resolve)))
    const aborting = new AbortController()
    const dial = dials.dial(RELAYED, until(aborting.signal))
    aborting.abort(new Error('The node stops'))
    await assert.rejects(dial, /The node stops/)
    finish(transport)
    await dials.dial(RELAYED, until(new AbortController().signal))
    assert.equal(dialled.length, 1)
  })

  it('listen nowhere', () => {
    assert.deepEqual(dials.listenFilter(), [])
    assert.throws(() => dials.createListener())
  })
})

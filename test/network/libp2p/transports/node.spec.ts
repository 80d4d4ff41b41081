import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { Handshakes } from '../../../../src/network/libp2p/handshakes.js'
import { Punches } from '../../../../src/network/libp2p/punching/punched-dials.js'
import { createTransports, defaultListen, turnEnd } from '../../../../src/network/libp2p/transports/node.js'
import { realClock } from '../../../support/network-libp2p.js'

describe('network/libp2p/transports/node', () => {
  it('speaks TCP and WebSocket', () => {
    assert.equal(createTransports(new Handshakes(), realClock, new Punches()).length, 2)
  })

  it('listens on free ports only', () => {
    const addresses = defaultListen()
    assert.deepEqual([...new Set(addresses.map((address) => address.endsWith('/ws')))].sort(), [false, true])
    for (const address of addresses) assert.match(multiaddr(address).toString(), /\/tcp\/0(\/ws)?$/)
  })

  it('ends a turn after every promise that was on its way', async () => {
    const order: string[] = []
    const chain = async (): Promise<void> => {
      for (let step = 0; step < 20; step += 1) await Promise.resolve()
      order.push('promises')
    }
    await Promise.all([turnEnd().then(() => order.push('turn')), chain()])
    assert.deepEqual(order, ['promises', 'turn'])
  })
})

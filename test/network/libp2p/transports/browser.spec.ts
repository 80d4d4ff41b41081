import assert from 'node:assert/strict'
import {
  createPuncher,
  createTransports,
  defaultListen,
  turnEnd
} from '../../../../src/network/libp2p/transports/browser.js'

describe('network/libp2p/transports/browser', () => {
  it('speaks WebSocket alone, listens nowhere, and punches no holes', () => {
    assert.equal(Reflect.apply(createPuncher, undefined, []), undefined)
    assert.deepEqual([createTransports().length, defaultListen()], [1, []])
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

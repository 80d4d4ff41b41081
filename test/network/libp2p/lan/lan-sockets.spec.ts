import assert from 'node:assert/strict'
import { LanSockets } from '../../../../src/network/libp2p/lan/lan-sockets.js'
import type { LocalAddress } from '../../../../src/network/libp2p/lan/local-addresses.js'
import { waitFor } from '../../../support/network-wait.js'

const loopback: LocalAddress = {
  zone: 'lo',
  family: 4,
  ip: '127.0.0.1',
  prefix: 8,
  broadcast: '127.255.255.255'
}
/** An address of documentation, which no device has. */
const foreign: LocalAddress = {
  zone: 'none',
  family: 4,
  ip: '203.0.113.9',
  prefix: 24,
  broadcast: '203.0.113.255'
}

describe('network/libp2p/lan/lan-sockets', () => {
  let opened: LanSockets[]

  beforeEach(() => {
    opened = []
  })

  afterEach(async () => {
    for (const sockets of opened) await sockets.close()
  })

  function open(): { sockets: LanSockets; heard: string[]; errors: string[] } {
    const heard: string[] = []
    const errors: string[] = []
    const sockets = new LanSockets({
      onDatagram: (datagram, ip) => void heard.push(`${Buffer.from(datagram).toString()} ${ip}`),
      onError: ({ message }) => void errors.push(message)
    })
    opened.push(sockets)
    return { sockets, heard, errors }
  }

  it('are heard by every process of this device, with the address they were sent from', async () => {
    const [one, other] = [open(), open()]
    one.sockets.update([loopback])
    other.sockets.update([loopback])
    const text = `hallig ${Math.random()}`
    await waitFor(
      'the datagram',
      () => {
        one.sockets.send(() => Buffer.from(text))
        return other.heard.includes(`${text} 127.0.0.1`) && one.heard.includes(`${text} 127.0.0.1`)
      },
      5_000
    )
  })

  it('go on where one address fails, and try it again', async () => {
    const { sockets, heard, errors } = open()
    sockets.update([foreign, loopback])
    await waitFor('the failure', () => errors.length > 0, 5_000)
    assert.deepEqual(sockets.interfaces, ['127.0.0.1'])
    sockets.update([foreign, loopback])
    await waitFor('the second failure', () => errors.length > 1, 5_000)
    sockets.send(() => Buffer.from('still here'))
    await waitFor('the datagram', () => heard.includes('still here 127.0.0.1'), 5_000)
  })

  it('close what is not wanted any more', () => {
    const { sockets } = open()
    sockets.update([loopback])
    sockets.update([])
    assert.deepEqual(sockets.interfaces, [])
  })
})

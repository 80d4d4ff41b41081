import assert from 'node:assert/strict'
import { canMakeNamespaces, createNamespaces } from '../support/network-namespaces.js'
import type { Namespaces } from '../support/network-namespaces.js'
import { startNetworkProcess } from '../support/network-processes.js'
import type { NetworkProcess } from '../support/network-processes.js'

describe('networks on LANs without a router (needs root and network namespaces)', function () {
  this.timeout(90_000)
  let namespaces: Namespaces
  let processes: NetworkProcess[]

  before(function () {
    if (!canMakeNamespaces()) this.skip()
  })

  beforeEach(() => {
    processes = []
  })

  afterEach(async () => {
    for (const child of processes) child.kill()
    await Promise.all(processes.map(({ ended }) => ended))
    namespaces.remove()
  })

  function start(namespace: string): NetworkProcess {
    const child = startNetworkProcess(['test'], namespaces.prefix(namespace))
    processes.push(child)
    return child
  }

  async function found(child: NetworkProcess): Promise<void> {
    await child.next('join')
  }

  /** Until the old connection is known to be dead, what is sent may vanish into it. */
  async function carries(from: NetworkProcess, to: NetworkProcess): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      from.tell('publish 10')
      try {
        await to.next('parcel', 2_000)
        return
      } catch (error) {
        if (attempt === 6) throw error
      }
    }
  }

  it('find each other on two LANs with no default route, and carry envelopes from one to the other', async () => {
    namespaces = createNamespaces(['alice', 'bob', 'carol'])
    namespaces.cable('alice', '10.77.1.1/24', 'bob', '10.77.1.2/24')
    namespaces.cable('bob', '10.77.2.2/24', 'carol', '10.77.2.3/24')
    const [alice, bob, carol] = [start('alice'), start('bob'), start('carol')]
    await Promise.all([found(alice), found(carol), found(bob)])
    await found(bob)
    alice.tell('publish 10')
    for (const child of [bob, carol]) assert.equal((await child.next('parcel'))['envelopes'], 10)
  })

  it('find each other where there is nothing but the loopback interface', async () => {
    namespaces = createNamespaces(['alice'])
    const [one, other] = [start('alice'), start('alice')]
    await Promise.all([found(one), found(other)])
  })

  it('find each other over IPv6 alone', async () => {
    namespaces = createNamespaces(['alice', 'bob'])
    namespaces.cable('alice', 'fd77::1/64', 'bob', 'fd77::2/64')
    const [alice, bob] = [start('alice'), start('bob')]
    // A new IPv6 address is checked for duplicates for a second or two before it can be used.
    await Promise.all([alice.next('join'), bob.next('join')])
    alice.tell('publish 10')
    assert.equal((await bob.next('parcel'))['envelopes'], 10)
  })

  it('find each other again when both got other addresses, as after a change of Wi-Fi', async () => {
    namespaces = createNamespaces(['alice', 'bob'])
    namespaces.cable('alice', '10.77.1.1/24', 'bob', '10.77.1.2/24')
    const [alice, bob] = [start('alice'), start('bob')]
    await Promise.all([found(alice), found(bob)])
    for (const [name, device, own] of [
      ['alice', 'bob', 1],
      ['bob', 'alice', 2]
    ] as const) {
      namespaces.ip(name, `addr flush dev ${device}`)
      namespaces.ip(name, `addr add 10.88.1.${own}/24 dev ${device}`)
    }
    await Promise.all([alice.next('join', 15_000), bob.next('join', 15_000)])
    alice.tell('publish 10')
    assert.equal((await bob.next('parcel'))['envelopes'], 10)
  })

  it('find each other again when only one got another address, and the other has not noticed', async () => {
    namespaces = createNamespaces(['alice', 'bob'])
    namespaces.cable('alice', '10.77.1.1/24', 'bob', '10.77.1.2/24')
    const [alice, bob] = [start('alice'), start('bob')]
    await Promise.all([found(alice), found(bob)])
    namespaces.ip('bob', 'addr flush dev alice')
    namespaces.ip('bob', 'addr add 10.77.1.99/24 dev alice')
    // Alice hears of it from bob's new connection, and finds that the old one is dead.
    await Promise.all([alice.next('join', 15_000), bob.next('join', 15_000)])
    await carries(alice, bob)
    await carries(bob, alice)
  })

  it('find each other when the cable comes later', async () => {
    namespaces = createNamespaces(['alice', 'bob'])
    const [alice, bob] = [start('alice'), start('bob')]
    await Promise.all([alice.next('started'), bob.next('started')])
    namespaces.cable('alice', '10.77.1.1/24', 'bob', '10.77.1.2/24')
    await Promise.all([alice.next('join', 15_000), bob.next('join', 15_000)])
  })
})

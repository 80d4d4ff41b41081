import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { startNetworkProcess } from '../support/network-processes.js'
import type { NetworkProcess } from '../support/network-processes.js'

const ENVELOPES = 2_000

describe('networks in two processes', function () {
  this.timeout(60_000)
  let processes: NetworkProcess[]
  let networkName: string

  beforeEach(() => {
    processes = []
    networkName = randomUUID()
  })

  afterEach(async () => {
    for (const child of processes) child.kill()
    await Promise.all(processes.map(({ ended }) => ended))
  })

  function start(name = networkName, ...bootstrap: string[]): NetworkProcess {
    const child = startNetworkProcess([name, ...bootstrap])
    processes.push(child)
    return child
  }

  it('find each other on the LAN, carry envelopes in order both ways, answer requests and exit by themselves', async () => {
    const [alice, bob] = [start(), start()]
    for (const child of [alice, bob]) await child.next('join')
    alice.tell(`publish ${ENVELOPES}`)
    bob.tell(`publish ${ENVELOPES}`)
    for (const child of [alice, bob]) {
      const { envelopes, inOrder } = await child.next('parcel')
      assert.deepEqual({ envelopes, inOrder }, { envelopes: ENVELOPES, inOrder: true })
    }
    alice.tell('request')
    assert.deepEqual((await alice.next('answer'))['answer'], [3, 2, 1])
    for (const child of [alice, bob]) {
      child.tell('stop')
      await child.next('stopped')
      assert.equal(await child.ended, 'code 0 signal null')
    }
  })

  it('find each other as soon as the second has started', async () => {
    const alice = start()
    await alice.next('started')
    const bob = start()
    await Promise.all([alice.next('join'), bob.next('join')])
  })

  it('find each other again when one was killed', async () => {
    const [alice, bob] = [start(), start()]
    for (const child of [alice, bob]) await child.next('join')
    bob.kill()
    await bob.ended
    const again = start()
    await again.next('join')
    await alice.next('join')
    alice.tell('publish 1')
    assert.equal((await again.next('parcel'))['envelopes'], 1)
  })

  it('settle on one working link however they start', async () => {
    const children = Array.from({ length: 4 }, () => start())
    for (const child of children) {
      for (let other = 1; other < children.length; other += 1) await child.next('join')
    }
    const [first, ...others] = children
    first?.tell('publish 300')
    for (const child of others) {
      const { envelopes, inOrder } = await child.next('parcel')
      assert.deepEqual({ envelopes, inOrder }, { envelopes: 300, inOrder: true })
    }
    const joins = children.flatMap(({ reports }) => reports.filter(({ event }) => event === 'join'))
    assert.equal(joins.length, children.length * (children.length - 1), 'no link was lost and made again')
  })

  it('of different names do not link', async () => {
    const [alice, mallory] = [start(), start(randomUUID())]
    await Promise.all([alice.next('started'), mallory.next('started')])
    const bob = start()
    await bob.next('join')
    bob.tell('status')
    const { peers } = await bob.next('status')
    assert.equal(Array.isArray(peers) && peers.length, 1)
    assert.ok(mallory.reports.every(({ event }) => event !== 'join'))
  })
})

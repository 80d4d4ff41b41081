import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Handshakes } from '../../../src/network/libp2p/handshakes.js'
import { MAX_PENDING_CONNECTIONS, MAX_PENDING_PER_HOST } from '../../../src/network/limits.js'

/** Hosts that fill all places together. */
const CROWD = MAX_PENDING_CONNECTIONS / MAX_PENDING_PER_HOST

describe('network/libp2p/handshakes', () => {
  let handshakes: Handshakes
  let dropped: string[]

  beforeEach(() => {
    handshakes = new Handshakes()
    dropped = []
  })

  function admit(host: string, name = host): (() => void) | undefined {
    return handshakes.admit(host, () => dropped.push(name))
  }

  function fill(): (() => void)[] {
    const settles: (() => void)[] = []
    for (let host = 0; host < CROWD; host += 1)
      for (let n = 0; n < MAX_PENDING_PER_HOST; n += 1)
        settles.push(admit(`host ${host}`, `${host}-${n}`) ?? assert.fail())
    return settles
  }

  it('gives a host its share and no more', () => {
    for (let n = 0; n < MAX_PENDING_PER_HOST; n += 1) assert.ok(admit('mallory'))
    assert.equal(admit('mallory'), undefined)
    assert.ok(admit('alice'))
    assert.deepEqual(dropped, [])
  })

  it('gives who comes from another host the place of the oldest when all are taken', () => {
    fill()
    assert.ok(admit('alice'))
    assert.ok(admit('bob'))
    assert.deepEqual(dropped, ['0-0', '1-0'])
  })

  it('has a place again when a handshake is over, once, however often that is said', () => {
    const [settle] = fill()
    settle?.()
    settle?.()
    assert.ok(admit('alice'))
    assert.deepEqual(dropped, [])
    assert.ok(admit('bob'))
    assert.equal(dropped.length, 1)
  })

  it('drops nobody for a host that would have more than the other then', () => {
    fill()
    for (let n = 0; n < MAX_PENDING_PER_HOST; n += 1) admit('alice')
    // 52 of Alice, 51 of the others.
    const part = Math.ceil(MAX_PENDING_CONNECTIONS / (CROWD + 1))
    assert.equal(dropped.length, part - 1)
    assert.equal(admit('alice'), undefined)
  })

  it('drops nobody for a host that has one, as any, but for one that has none', () => {
    for (let host = 0; host < MAX_PENDING_CONNECTIONS; host += 1) assert.ok(admit(`host ${host}`))
    assert.equal(admit('host 7'), undefined)
    assert.deepEqual(dropped, [])
    assert.ok(admit('alice'))
    assert.deepEqual(dropped, ['host 0'])
  })

  it('never has more than there are places, and always one for a host with fewer than its part of them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 600, maxLength: 1_200 }), (dials) => {
        const all = new Handshakes()
        const held = new Map<number, number>()
        const count = (host: number): number => held.get(host) ?? 0
        for (const host of dials) {
          const isIn = all.admit(String(host), () => held.set(host, count(host) - 1)) !== undefined
          if (isIn) held.set(host, count(host) + 1)
          const sum = [...held.values()].reduce((one, other) => one + other, 0)
          assert.ok(sum <= MAX_PENDING_CONNECTIONS && count(host) <= MAX_PENDING_PER_HOST)
          assert.ok(isIn || count(host) >= Math.floor(MAX_PENDING_CONNECTIONS / 10) - 1)
        }
      }),
      { numRuns: 50 }
    )
  })
})

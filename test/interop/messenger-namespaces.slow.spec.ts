import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { createVillage, type Village } from '../support/messenger-village.js'
import { canDisturb, canMakeNamespaces, lose, narrow } from '../support/network-namespaces.js'

/** Messages each way. */
const MANY = 250
/** Of which so many at once. */
const BURST = 10
const FEW = 20
/** Milliseconds all may take on a busy machine; what it took is printed. */
const LIMIT_MS = 240_000

describe('whole messengers in namespaces', function () {
  this.timeout(LIMIT_MS + 60_000)
  let village: Village | undefined

  before(function () {
    if (!canMakeNamespaces() || !canDisturb()) this.skip()
  })
  afterEach(async () => {
    await village?.remove()
    village = undefined
  })

  async function settle(place: Village, each: number): Promise<void> {
    const took = await place.settled(each, each, LIMIT_MS)
    process.stdout.write(`      all there and known to be after ${(took / 1_000).toFixed(1)} s\n`)
  }

  /** Both send, from their first message to number `each`; resolves when all is stored, not when it has arrived. */
  async function bothSend({ alice, bob }: Village, each: number): Promise<void> {
    await Promise.all([alice, bob].map((person) => person.ask('send', [String(each)])))
  }

  /** A number that a program tells of a namespace: how much the fault has done. */
  function countOf({ namespaces }: Village, command: string, pattern: RegExp): number {
    return Number(pattern.exec(namespaces.run('bob', command))?.[1])
  }

  for (const share of [0.2, 0.3]) {
    it(`lose nothing of ${String(MANY)} messages each way when ${String(share * 100)} % of all packets are lost`, async () => {
      village = await createVillage()
      village.namespaces.run('alice', `iptables -A INPUT -i bob ${lose(share)}`)
      village.namespaces.run('bob', `iptables -A INPUT -i alice ${lose(share)}`)
      // A little at a time: what is written at once travels in a few packets.
      for (let each = BURST; each <= MANY; each += BURST) {
        await bothSend(village, each)
        await delay(100)
      }
      await settle(village, MANY)
      const lost = countOf(village, 'iptables -L INPUT -v -x -n', /^\s*(\d+).*statistic/m)
      process.stdout.write(`      packets lost on the way to bob: ${String(lost)}\n`)
      assert.ok(lost > 0)
    })
  }

  it('hear by a third what one no longer hears from the other', async () => {
    village = await createVillage(['carol'])
    village.namespaces.run('bob', 'iptables -A INPUT -i alice -j DROP')
    await bothSend(village, FEW)
    await settle(village, FEW)
    // It was not heard directly: with the third gone as well, nothing new comes.
    village.namespaces.run('bob', 'iptables -A INPUT -i carol -j DROP')
    await bothSend(village, 2 * FEW)
    await delay(3_000)
    assert.equal((await village.history(village.bob)).theirs, FEW)
    village.namespaces.run('bob', 'iptables -F')
    await settle(village, 2 * FEW)
  })

  it('catch up after a cut that nobody was told of', async () => {
    village = await createVillage()
    await bothSend(village, FEW)
    await settle(village, FEW)
    for (const chain of ['INPUT', 'OUTPUT']) village.namespaces.run('alice', `iptables -A ${chain} -j DROP`)
    await bothSend(village, 2 * FEW)
    // Longer than it takes to find out.
    await delay(20_000)
    assert.equal((await village.history(village.bob)).theirs, FEW)
    village.namespaces.run('alice', 'iptables -F')
    await settle(village, 2 * FEW)
  })

  it('catch up after the cable was out, and when it comes back with another address', async () => {
    village = await createVillage()
    village.namespaces.ip('alice', 'link set bob down')
    await bothSend(village, FEW)
    assert.equal((await village.history(village.bob)).theirs, 0)
    village.namespaces.ip('alice', 'link set bob up')
    await settle(village, FEW)
    village.namespaces.ip('alice', 'link set bob down')
    village.namespaces.ip('alice', 'addr flush dev bob')
    await bothSend(village, 2 * FEW)
    village.namespaces.ip('alice', 'addr add 10.77.1.99/24 dev bob')
    village.namespaces.ip('alice', 'link set bob up')
    await settle(village, 2 * FEW)
  })

  it('say what they have to say at 10 kbit/s', async () => {
    village = await createVillage()
    village.namespaces.run('alice', `tc qdisc add dev bob root ${narrow(10)}`)
    village.namespaces.run('bob', `tc qdisc add dev alice root ${narrow(10)}`)
    await bothSend(village, FEW)
    await settle(village, FEW)
    const heldBack = countOf(village, 'tc -s qdisc show dev alice', /overlimits (\d+)/)
    process.stdout.write(`      packets of bob's held back: ${String(heldBack)}\n`)
    assert.ok(heldBack > 0)
  })

  it('go on when one of them was asleep for half a minute', async () => {
    village = await createVillage()
    await bothSend(village, FEW)
    village.bob.signal('SIGSTOP')
    await village.alice.ask('send', [String(2 * FEW)])
    await delay(30_000)
    village.bob.signal('SIGCONT')
    await village.bob.ask('send', [String(2 * FEW)])
    await settle(village, 2 * FEW)
  })
})

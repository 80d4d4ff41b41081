import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { casesAtOnce } from '../support/cases-at-once.js'
import { createHomes, introduced, linksOf, peerIdOf, type Homes } from '../support/messenger-nat.js'
import type { MessengerProcess } from '../support/messenger-processes.js'
import { waitFor } from '../support/network-wait.js'
import { history, settled } from '../support/messenger-village.js'

/** Messages each way. */
const FEW = 20
/** Of so many characters each, a megabyte in all. */
const MANY = 1_000
const LENGTH = 1_000
/** Milliseconds for which a relay lets a link be, and how many times as long they talk. */
const LINK_MS = 3_000
const ROUNDS = 6
/** Milliseconds all may take on a busy machine; what it took is printed. */
const LIMIT_MS = 240_000
/** Milliseconds in which two people who cannot reach each other are seen not to. */
const APART_MS = 15_000

describe('people behind two NATs', function () {
  this.timeout(LIMIT_MS + 120_000)
  const itAtOnce = casesAtOnce()

  /** Behind routers that give who dials another port each time, unless told otherwise: there is no way but through a relay. */
  function itHolds(
    title: string,
    act: (homes: Homes) => Promise<void>,
    create = (): Promise<Homes> => createHomes({ changePorts: true })
  ): void {
    itAtOnce(title, create, act)
  }

  /** Both send, from their first message to number `each`; resolves when all has arrived, and is known to have. */
  async function talk(alice: MessengerProcess, bob: MessengerProcess, each: number): Promise<void> {
    await Promise.all([alice, bob].map((person) => person.ask('send', [String(each)])))
    const took = await settled(alice, bob, each, each, LIMIT_MS)
    process.stdout.write(`      all there and known to be after ${(took / 1_000).toFixed(1)} s\n`)
  }

  itHolds('talk both ways through a relay that is in no network of theirs', async (homes) => {
    const relay = await homes.startRelay('first')
    const { alice, bob } = await homes.startPeople([relay])
    await introduced({ alice, bob }, LIMIT_MS)
    await talk(alice, bob, FEW)
    const links = await linksOf(alice, [relay])
    assert.ok(links.length > 0 && links.every((address) => address.includes('/p2p-circuit')), links.join(' '))
  })

  itHolds(
    'meet through a relay, and talk over a direct link when that is killed, as their routers keep ports',
    async (homes) => {
      const relay = await homes.startRelay('first')
      const { alice, bob } = await homes.startPeople([relay])
      await introduced({ alice, bob }, LIMIT_MS)
      const began = performance.now()
      const isDirect = async (): Promise<boolean> => {
        const links = await Promise.all([alice, bob].map((person) => linksOf(person, [relay])))
        return links.every(
          (each) => each.length === 1 && each.every((address) => !address.includes('/p2p-circuit'))
        )
      }
      await waitFor('a direct link', isDirect, LIMIT_MS)
      process.stdout.write(
        `      direct ${((performance.now() - began) / 1_000).toFixed(1)} s after they met\n`
      )
      await relay.kill()
      await talk(alice, bob, FEW)
      assert.ok(await isDirect())
    },
    createHomes
  )

  itHolds('do not find each other where neither is at a relay, linked to it as they are', async (homes) => {
    const relay = await homes.startRelay('first')
    const { alice, bob } = await homes.startPeople([], [relay])
    await assert.rejects(introduced({ alice, bob }, APART_MS))
    assert.deepEqual(await linksOf(bob, [relay]), [])
  })

  itHolds('go on through a second relay when the one between them is killed', async (homes) => {
    const relays = [await homes.startRelay('first'), await homes.startRelay('second')]
    const { alice, bob } = await homes.startPeople(relays)
    await introduced({ alice, bob }, LIMIT_MS)
    await talk(alice, bob, FEW)
    const [link = ''] = await linksOf(alice, relays)
    const between = relays.find((relay) => link.includes(peerIdOf(relay)))
    assert.ok(between !== undefined, link)
    await between.kill()
    await talk(alice, bob, 2 * FEW)
    const others = relays.filter((relay) => relay !== between)
    const links = await linksOf(alice, others)
    assert.ok(
      links.some((address) => others.some((relay) => address.includes(peerIdOf(relay)))),
      links.join(' ')
    )
  })

  itHolds('go on when the only relay was killed and comes back', async (homes) => {
    const relay = await homes.startRelay('first')
    const { alice, bob } = await homes.startPeople([relay])
    await introduced({ alice, bob }, LIMIT_MS)
    await talk(alice, bob, FEW)
    await relay.kill()
    await Promise.all([alice, bob].map((person) => person.ask('send', [String(2 * FEW)])))
    await delay(APART_MS)
    assert.equal((await history(alice)).theirs, FEW)
    await homes.startRelay('first')
    await talk(alice, bob, 2 * FEW)
  })

  itHolds(
    'bring a megabyte of envelopes through a relay of somebody else, 128 KiB or two minutes at a time',
    async (homes) => {
      const relay = await homes.startForeignRelay('first')
      const { alice, bob } = await homes.startPeople([relay])
      await introduced({ alice, bob }, LIMIT_MS)
      await alice.ask('send', [String(MANY), String(LENGTH)])
      const took = await settled(alice, bob, MANY, 0, LIMIT_MS)
      const links = Number(await relay.ask('links'))
      process.stdout.write(
        `      all there and known to be after ${(took / 1_000).toFixed(1)} s, over ${String(links)} links\n`
      )
      // So often the bounds ended one: a single link would not have carried it.
      assert.ok(links >= 8, String(links))
    }
  )

  itHolds('lose nothing where a relay of somebody else ends their link every few seconds', async (homes) => {
    const relay = await homes.startForeignRelay('first', LINK_MS)
    const { alice, bob } = await homes.startPeople([relay])
    await introduced({ alice, bob }, LIMIT_MS)
    for (let each = FEW; each <= ROUNDS * FEW; each += FEW) {
      await Promise.all([alice, bob].map((person) => person.ask('send', [String(each)])))
      await delay(LINK_MS)
    }
    const took = await settled(alice, bob, ROUNDS * FEW, ROUNDS * FEW, LIMIT_MS)
    const links = Number(await relay.ask('links'))
    process.stdout.write(
      `      all there and known to be after ${(took / 1_000).toFixed(1)} s, over ${String(links)} links\n`
    )
    assert.ok(links >= ROUNDS / 2, String(links))
  })
})

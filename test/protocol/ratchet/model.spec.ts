import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RatchetWorld } from '../../models/ratchet.js'
import { must, seeded } from '../../support/protocol-values.js'

describe('protocol/ratchet, two parties and any network', () => {
  it('Invariant 9: recognises within its windows only, and everything in the end, when bursts are larger than they are', () => {
    const bursts = fc.array(
      fc.record({
        side: fc.constantFrom<0 | 1>(0, 1),
        count: fc.integer({ min: 1, max: 330 }),
        loss: fc.constantFrom(0, 0.1, 0.6, 0.95),
        shuffle: fc.boolean()
      }),
      { minLength: 1, maxLength: 5 }
    )
    fc.assert(
      fc.property(fc.integer(), bursts, (seed, script) => {
        const world = new RatchetWorld(seed)
        const random = seeded(seed)
        const chance = (): number => (random(1)[0] ?? 0) / 256
        world.send(0)
        for (const burst of script) {
          const { inFlight } = world.directions[burst.side]
          for (let sent = 0; sent < burst.count; sent += 1) world.send(burst.side)
          const arriving = inFlight.splice(0).filter(() => chance() >= burst.loss)
          if (burst.shuffle) arriving.sort(() => chance() - 0.5)
          for (const sent of arriving) world.deliver(burst.side, sent)
        }
        world.heal()
        world.assertExactlyOnce()
      }),
      { numRuns: 12 }
    )
  })

  it('decrypts three chains of three messages in each of many orders', () => {
    // 0-2 in the first chain, 3-5 in the second, 6-8 in the third; the answers between them arrive at once.
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 9, maxLength: 9 })
    fc.assert(
      fc.property(order, fc.integer(), (places, seed) => {
        const world = new RatchetWorld(seed)
        const [alice, bob] = world.directions
        for (let chain = 0; chain < 3; chain += 1) {
          for (let sent = 0; sent < 3; sent += 1) world.send(0)
          const first = must(alice.all[3 * chain])
          // Whichever of the chain comes first: one has to, or Bob could not answer.
          const opener = must(places.find((place) => Math.floor(place / 3) === chain))
          world.deliver(0, must(alice.all[opener]))
          assert.equal(first.chain, chain)
          world.send(1)
          world.deliver(1, must(bob.all.at(-1)))
        }
        for (const place of places) world.deliver(0, must(alice.all[place]))
        world.assertExactlyOnce()
      }),
      { numRuns: 60 }
    )
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { adoptBundle } from '../../src/messenger/contacts/adopt-bundle.js'
import { withContact } from '../../src/messenger/peer-state.js'
import { generateDhKeyPair } from '../../src/crypto/dh.js'
import { compareBytes } from '../../src/protocol/compare-bytes.js'
import type { OwnIdentity } from '../../src/protocol/identity/identity.js'
import type { Bundle } from '../../src/protocol/prekeys/bundle.js'
import { issuePrekeys, type Prekeys } from '../../src/protocol/prekeys/prekeys.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../support/messenger-bench.js'
import { bundleOf } from '../support/protocol-parties.js'
import { seeded } from '../support/protocol-values.js'
import { histories, picked, WRONG_CLOCKS, type Model } from './history.js'

type Act = 'issue' | 'wrong-clock' | 'arrive' | 'lose-state' | 'fork' | 'other-key'

/** Whose bundles a contact gets to see: an owner that issues, loses its state, goes on from an old copy, or is no longer who it was. */
class Owner {
  #own: OwnIdentity
  #prekeys: Prekeys | undefined
  #now: number
  readonly #random
  readonly bundles: Bundle[] = []

  constructor(own: OwnIdentity, now: number, seed: number) {
    this.#own = own
    this.#now = now
    this.#random = seeded(seed)
  }

  issue(clock: (now: number) => number = (now) => now, after = this.#prekeys): void {
    this.#now += 1_000
    this.#prekeys = issuePrekeys(after, this.#own, clock(this.#now), this.#random)
    this.bundles.push(bundleOf(this.#prekeys))
  }

  loseState(): void {
    this.#own = { ...this.#own, incarnation: this.#random(16) }
    this.#now += 1_000
    this.issue(undefined, undefined)
  }

  /** Two copies of one store issue after the same bundle. */
  fork(): void {
    const before = this.#prekeys
    this.issue(undefined, before)
    this.#now -= 1_000
    this.issue(undefined, before)
  }

  otherKey(): void {
    this.issue()
    const changed = { ...this.#own, dh: generateDhKeyPair(this.#random) }
    this.bundles.push(bundleOf(issuePrekeys(this.#prekeys, changed, this.#now + 1_000, this.#random)))
  }
}

/** What a reference that knows no cryptography expects of a contact that has seen these bundles. */
class Expected {
  newest: Bundle | undefined
  change: 'device-key' | 'equivocation' | undefined

  see(bundle: Bundle, dhKey: Uint8Array): void {
    if (compareBytes(bundle.dhKey, dhKey) !== 0) this.change = 'device-key'
    else if (this.newest === undefined || bundle.seq > this.newest.seq) this.newest = bundle
    else if (bundle.seq === this.newest.seq && compareBytes(bundle.hash, this.newest.hash) !== 0)
      this.change ??= 'equivocation'
  }
}

let prepared: Promise<{ bench: Bench; alice: BenchNode; bob: BenchNode }> | undefined

/** Two friends whose bench serves all histories: Alice forgets Bob's bundles before each. */
async function prepare(): Promise<{ bench: Bench; alice: BenchNode; bob: BenchNode }> {
  const bench = createBench()
  const [alice, bob] = await friends(bench)
  bench.hub.partition([['alice'], ['bob']])
  return { bench, alice, bob }
}

/** Which bundle counts, in whatever order they come. */
export const bundles: Model = {
  name: 'bundles',
  proves:
    'keeps the newest bundle in every order, and accepts no other key and no second bundle of one number quietly',
  share: 10,
  usual: 30,
  async check(options) {
    prepared ??= prepare()
    const { bench, alice, bob } = await prepared
    const own = bob.context.own.record.identity
    const weights = { issue: 3, 'wrong-clock': 1, arrive: 6, 'lose-state': 1, fork: 1, 'other-key': 1 }
    const property = fc.asyncProperty(histories<Act>(1, weights, 16), async ({ seed, steps }) => {
      const { id } = onlyState(alice.context).contact
      await step(bench, alice.context, id, (unit) => {
        if (unit.state === undefined) return
        const { bundle: _old, change: _decided, ...contact } = unit.state.contact
        unit.state = withContact({ ...unit.state, contact }, { seq: 0, incarnation: new Uint8Array(0) })
      })
      const owner = new Owner(own, bench.clock.now(), seed)
      const expected = new Expected()
      for (const { act, pick } of steps) {
        if (act === 'issue') owner.issue()
        else if (act === 'wrong-clock') owner.issue(picked(WRONG_CLOCKS, pick))
        else if (act === 'lose-state') owner.loseState()
        else if (act === 'fork') owner.fork()
        else if (act === 'other-key') owner.otherKey()
        else {
          const bundle = picked(owner.bundles, pick)
          if (bundle === undefined) continue
          await step(bench, alice.context, id, (unit) => adoptBundle(alice.context, unit, bundle))
          expected.see(bundle, own.dh.publicKey)
          const { contact } = onlyState(alice.context)
          assert.equal(
            contact.change !== undefined,
            expected.change !== undefined,
            'a change is said, and only a change'
          )
          assert.deepEqual(contact.dhKey, own.dh.publicKey, 'nobody becomes somebody else')
          if (expected.change === undefined) {
            assert.deepEqual(contact.bundle, expected.newest?.encoded)
            assert.deepEqual(contact.incarnation, expected.newest?.incarnation)
          }
        }
      }
    })
    await fc.assert(property, options)
  }
}

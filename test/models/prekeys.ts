import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RandomSource } from '../../src/crypto/random.js'
import { compareBytes } from '../../src/protocol/compare-bytes.js'
import { generateIdentity } from '../../src/protocol/identity/identity.js'
import { DAY_MS, MAX_LIFETIME_DAYS } from '../../src/protocol/limits.js'
import { choosePrekey, isBundleExpired, type Bundle } from '../../src/protocol/prekeys/bundle.js'
import {
  findSignedPrekeys,
  isIssueDue,
  issuePrekeys,
  type Prekeys
} from '../../src/protocol/prekeys/prekeys.js'
import { bundleOf } from '../support/protocol-parties.js'
import { NOW, seeded } from '../support/protocol-values.js'
import { histories, picked, WRONG_CLOCKS, type Model } from './history.js'

type Act = 'pass' | 'wrong-clock' | 'write' | 'arrive' | 'restart'

interface Hello {
  readonly bundle: Bundle
  readonly epoch: number
  readonly key: Uint8Array
  readonly expiresAt: number
}

// Signing and ML-KEM keys are dear; the identity is the same in all histories.
const own = generateIdentity(seeded(1))

/** One device that issues bundles when they are due, and people with clocks of their own who write to them. */
class PrekeyWorld {
  #now = NOW
  #prekeys: Prekeys
  readonly #bundles: Bundle[] = []
  #hellos: Hello[] = []
  readonly #random: RandomSource

  constructor(seed: number) {
    this.#random = seeded(seed)
    this.#prekeys = issuePrekeys(undefined, own, this.#now, this.#random)
    this.#bundles.push(bundleOf(this.#prekeys))
  }

  pass(days: number): void {
    this.#now += days * DAY_MS
    this.#issueIfDue(this.#now)
  }

  /** A clock that is wrong for as long as it takes to issue once, and is set again. */
  wrongClock(pick: number): void {
    const clock = WRONG_CLOCKS[pick % WRONG_CLOCKS.length]
    this.#issueIfDue(clock?.(this.#now) ?? this.#now)
    this.#issueIfDue(this.#now)
  }

  /** Somebody with one of the bundles, and a clock at most two days off, says hello if that clock allows it. */
  write(pick: number, off: number): void {
    const bundle = picked(this.#bundles, pick)
    const now = this.#now + off
    if (bundle === undefined || isBundleExpired(bundle, now)) return
    // One issued by a clock in another century serves nobody's present.
    if (Math.abs(bundle.notBefore - this.#now) > 40 * DAY_MS) return
    this.#hellos.push({
      bundle,
      ...choosePrekey(bundle, now),
      expiresAt: this.#now + MAX_LIFETIME_DAYS * DAY_MS
    })
  }

  /** What is on its way, and has not expired, can be opened. */
  arrive(): void {
    this.#hellos = this.#hellos.filter(({ expiresAt }) => this.#now <= expiresAt)
    for (const { bundle, epoch, key } of this.#hellos) {
      assert.ok(
        findSignedPrekeys(this.#prekeys, epoch).some(({ publicKey }) => compareBytes(publicKey, key) === 0),
        'a signed prekey is gone'
      )
      assert.ok(
        this.#prekeys.kemPrekeys.some(({ publicKey }) => compareBytes(publicKey, bundle.kemPrekey) === 0),
        'a KEM prekey is gone'
      )
      assert.ok(
        this.#prekeys.issued.some(({ hash }) => compareBytes(hash, bundle.hash) === 0),
        'a bundle is forgotten'
      )
    }
  }

  restart(): void {
    this.#prekeys = structuredClone(this.#prekeys)
  }

  assertBounded(): void {
    assert.ok(
      this.#prekeys.signedPrekeys.length <= 40,
      `${this.#prekeys.signedPrekeys.length} signed prekeys`
    )
    assert.ok(this.#prekeys.kemPrekeys.length <= 40, `${this.#prekeys.kemPrekeys.length} KEM prekeys`)
  }

  #issueIfDue(now: number): void {
    if (!isIssueDue(this.#prekeys, now)) return
    const before = this.#prekeys.seq
    this.#prekeys = issuePrekeys(this.#prekeys, own, now, this.#random)
    assert.ok(this.#prekeys.seq > before, 'the number grows, whatever the clock says')
    assert.equal(isIssueDue(this.#prekeys, now), false)
    this.#bundles.push(bundleOf(this.#prekeys))
  }
}

/** Prekey epochs, on a device whose clock goes wrong. */
export const prekeys: Model = {
  name: 'prekeys',
  proves:
    'can open every hello to a bundle that had not expired, with clocks two days off and excursions to 1970 and 2100',
  share: 20,
  usual: 40,
  check(options) {
    const arbitrary = histories<Act>(1, { pass: 5, 'wrong-clock': 1, write: 3, arrive: 2, restart: 1 }, 24)
    const property = fc.property(arbitrary, ({ seed, steps }) => {
      const world = new PrekeyWorld(seed)
      for (const { act, pick, amount } of steps) {
        if (act === 'pass') world.pass(amount % 12)
        else if (act === 'wrong-clock') world.wrongClock(pick)
        else if (act === 'write') world.write(pick, ((amount % 5) - 2) * DAY_MS)
        else if (act === 'restart') world.restart()
        else world.arrive()
      }
      world.arrive()
      world.assertBounded()
    })
    fc.assert(property, options)
  }
}

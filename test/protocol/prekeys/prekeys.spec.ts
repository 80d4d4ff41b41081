import assert from 'node:assert/strict'
import {
  findSignedPrekeys,
  isIssueDue,
  issuePrekeys,
  renewPrekeys,
  kemPrekeyId,
  type Prekeys
} from '../../../src/protocol/prekeys/prekeys.js'
import { choosePrekey, epochAt } from '../../../src/protocol/prekeys/bundle.js'
import { generateIdentity } from '../../../src/protocol/identity/identity.js'
import {
  BUNDLE_EPOCHS,
  BUNDLE_LIFETIME,
  CLOCK_TOLERANCE_DAYS,
  DAY_MS,
  EPOCH_SECONDS,
  KEM_PREKEY_LIFETIME,
  MAX_PREKEYS_PER_EPOCH,
  PREKEY_RETENTION
} from '../../../src/protocol/limits.js'
import { bundleOf } from '../../support/protocol-parties.js'
import { deepFrozen, must, NOW, seeded } from '../../support/protocol-values.js'

const WEEK = EPOCH_SECONDS * 1_000
const own = generateIdentity(seeded(1))

function epochEnd(epoch: number): number {
  return (epoch + 1) * WEEK
}

/** Bundles issued when they are due, with the time of each issue. */
function issueFor(
  durationMs: number,
  random = seeded(2)
): { readonly at: number; readonly prekeys: Prekeys }[] {
  const issues = [{ at: NOW, prekeys: deepFrozen(issuePrekeys(undefined, own, NOW, random)) }]
  for (;;) {
    const last = must(issues.at(-1))
    const at = epochEnd(epochAt(last.prekeys.issuedAt))
    if (at > NOW + durationMs) return issues
    assert.ok(isIssueDue(last.prekeys, at))
    assert.equal(isIssueDue(last.prekeys, at - 1), false)
    issues.push({ at, prekeys: deepFrozen(issuePrekeys(last.prekeys, own, at, random)) })
  }
}

describe('protocol/prekeys/prekeys', () => {
  describe('over a year', () => {
    const issues = issueFor(365 * DAY_MS)

    it('issues a bundle with every new week, each with a higher number', () => {
      assert.equal(issues.length, 53)
      for (const [index, { at, prekeys }] of issues.entries()) {
        assert.ok(prekeys.seq > (issues[index - 1]?.prekeys.seq ?? 0))
        const bundle = bundleOf(prekeys)
        assert.equal(bundle.seq, prekeys.seq)
        assert.equal(bundle.firstEpoch, epochAt(at))
        assert.ok(bundle.notBefore < at && bundle.notAfter > at)
      }
    })

    it('offers the same signed prekey for a week in all bundles that overlap', () => {
      const published = new Map<number, Uint8Array>()
      for (const { prekeys } of issues) {
        const { firstEpoch, signedPrekeys } = bundleOf(prekeys)
        for (const [index, key] of signedPrekeys.entries()) {
          assert.deepEqual(published.get(firstEpoch + index) ?? key, key)
          published.set(firstEpoch + index, key)
        }
      }
      assert.equal(published.size, issues.length + BUNDLE_EPOCHS - 1)
    })

    it('keeps the private part of every signed prekey for sixty days after its week, and then no longer', () => {
      const first = epochAt(NOW)
      for (const { at, prekeys } of issues) {
        for (let epoch = first; epoch < epochAt(at) + BUNDLE_EPOCHS; epoch += 1) {
          const kept = findSignedPrekeys(prekeys, epoch)[0] !== undefined
          assert.equal(
            kept,
            at <= epochEnd(epoch) + PREKEY_RETENTION,
            `week ${epoch - first} at week ${epochAt(at) - first}`
          )
        }
        assert.ok(prekeys.signedPrekeys.length <= 1 + PREKEY_RETENTION / WEEK + BUNDLE_EPOCHS)
      }
    })

    it('changes the KEM prekey every four weeks and keeps each while a bundle with it may be answered', () => {
      const created = new Set<number>()
      for (const { at, prekeys } of issues) {
        const newest = must(prekeys.kemPrekeys.at(-1))
        assert.ok(at - newest.createdAt < KEM_PREKEY_LIFETIME)
        assert.deepEqual(bundleOf(prekeys).kemPrekey, newest.publicKey)
        assert.ok(prekeys.kemPrekeys.length <= 6)
        created.add(newest.createdAt)
        // Whoever has a bundle that is still answered finds its KEM prekey.
        for (const old of issues) {
          const bundle = bundleOf(old.prekeys)
          if (old.at > at || at > bundle.notAfter + PREKEY_RETENTION) continue
          const ids = prekeys.kemPrekeys.map(({ publicKey }) => Buffer.from(kemPrekeyId(publicKey)))
          assert.ok(ids.some((id) => id.equals(kemPrekeyId(bundle.kemPrekey))))
        }
      }
      assert.ok(created.size >= 12 && created.size <= 14, `${created.size}`)
    })

    it('remembers the hash of every bundle that may still be answered', () => {
      for (const { at, prekeys } of issues) {
        const answerable = issues.filter(
          (old) => old.at <= at && at <= bundleOf(old.prekeys).notAfter + PREKEY_RETENTION
        )
        assert.deepEqual(
          prekeys.issued.map(({ seq }) => seq),
          answerable.map((old) => old.prekeys.seq)
        )
        assert.deepEqual(prekeys.issued.at(-1)?.hash, bundleOf(prekeys).hash)
      }
    })

    it('can open whatever somebody with a valid bundle and a clock two days off would use', () => {
      for (const { at, prekeys } of issues.slice(4)) {
        for (const old of issues.filter(
          (issue) => issue.at <= at && at <= bundleOf(issue.prekeys).notAfter
        )) {
          for (const off of [-2 * DAY_MS, 0, 2 * DAY_MS]) {
            const { epoch, key } = choosePrekey(bundleOf(old.prekeys), at + off)
            assert.deepEqual(findSignedPrekeys(prekeys, epoch)[0]?.publicKey, key)
          }
        }
      }
    })
  })

  describe('at the last moment', () => {
    const random = seeded(5)
    const first = deepFrozen(issuePrekeys(undefined, own, NOW, random))
    const epoch = epochAt(NOW)

    /** Issued at this time by a device that issued an hour before, and so believes its clock. */
    const issuedAt = (time: number): Prekeys =>
      issuePrekeys(issuePrekeys(first, own, time - 3_600_000, random), own, time, random)

    it('still has a signed prekey, and a millisecond later no more', () => {
      const last = epochEnd(epoch) + PREKEY_RETENTION
      assert.deepEqual(findSignedPrekeys(issuedAt(last), epoch), findSignedPrekeys(first, epoch))
      assert.deepEqual(findSignedPrekeys(issuedAt(last + 1), epoch), [])
    })

    it('still has a KEM prekey, and a millisecond later no more', () => {
      const last = NOW + KEM_PREKEY_LIFETIME + BUNDLE_LIFETIME + PREKEY_RETENTION
      const has = (prekeys: Prekeys): boolean => prekeys.kemPrekeys.some(({ createdAt }) => createdAt === NOW)
      assert.deepEqual([issuedAt(last), issuedAt(last + 1)].map(has), [true, false])
    })

    it('believes a clock that has jumped no further than the life of the last bundle', () => {
      const last = epochEnd(epoch) + PREKEY_RETENTION
      const jump = (before: number): Prekeys =>
        issuePrekeys(issuePrekeys(first, own, before, random), own, Date.UTC(2100, 0, 1), random)
      const keeps = (prekeys: Prekeys): boolean => findSignedPrekeys(prekeys, epoch).length > 0
      assert.deepEqual([jump(last - BUNDLE_LIFETIME), jump(last - BUNDLE_LIFETIME + 1)].map(keeps), [
        true,
        false
      ])
    })

    it('keeps the newest few of an epoch, however often the incarnation is renewed', () => {
      let prekeys: Prekeys = first
      const newest: Uint8Array[] = []
      for (let count = 0; count < 6; count++) {
        prekeys = deepFrozen(renewPrekeys(prekeys, own, prekeys.seq, NOW, random))
        newest.unshift(must(findSignedPrekeys(prekeys, epoch)[0]).publicKey)
      }
      assert.deepEqual(
        findSignedPrekeys(prekeys, epoch).map(({ publicKey }) => publicKey),
        newest.slice(0, MAX_PREKEYS_PER_EPOCH)
      )
    })
  })

  describe('issued to the millisecond', () => {
    const random = seeded(7)
    const first = deepFrozen(issuePrekeys(undefined, own, NOW, random))
    const kemPrekeyAt = (time: number): Uint8Array =>
      must(issuePrekeys(first, own, time, random).kemPrekeys.at(-1)).publicKey
    const { publicKey } = must(first.kemPrekeys.at(-1))

    it('have the same KEM prekey for as long as it lives, and another after that and before it was made', () => {
      assert.deepEqual(kemPrekeyAt(NOW), publicKey)
      assert.deepEqual(kemPrekeyAt(NOW + KEM_PREKEY_LIFETIME - 1), publicKey)
      assert.notDeepEqual(kemPrekeyAt(NOW + KEM_PREKEY_LIFETIME), publicKey)
      assert.notDeepEqual(kemPrekeyAt(NOW - 1), publicKey)
    })

    it('are valid from two days before to the end of their life', () => {
      const { notBefore, notAfter } = bundleOf(first)
      assert.deepEqual([notBefore, notAfter], [NOW - CLOCK_TOLERANCE_DAYS * DAY_MS, NOW + BUNDLE_LIFETIME])
    })

    it('are remembered while they may be answered', () => {
      const last = NOW + BUNDLE_LIFETIME + PREKEY_RETENTION
      const before = issuePrekeys(first, own, last - 1_000, random)
      const remembers = (time: number): boolean =>
        issuePrekeys(before, own, time, random).issued.some(({ seq }) => seq === first.seq)
      assert.deepEqual([remembers(last), remembers(last + 1)], [true, false])
    })

    it('are due again when the clock is more than two days behind their time', () => {
      const tolerated = NOW - CLOCK_TOLERANCE_DAYS * DAY_MS
      assert.deepEqual([isIssueDue(first, tolerated), isIssueDue(first, tolerated - 1)], [false, true])
    })

    it('have only new keys and a higher number under a new incarnation', () => {
      const renewed = renewPrekeys(first, own, 3_000_000_000, NOW, random)
      assert.equal(renewed.seq, 3_000_000_001)
      const [before, after] = [bundleOf(first), bundleOf(renewed)]
      assert.notDeepEqual(after.kemPrekey, before.kemPrekey)
      for (const key of after.signedPrekeys)
        assert.ok(!before.signedPrekeys.some((old) => Buffer.from(old).equals(key)))
    })
  })

  it('gives an id to a KEM prekey that names it among others', () => {
    const random = seeded(3)
    assert.notDeepEqual(kemPrekeyId(random(1_184)), kemPrekeyId(random(1_184)))
    assert.equal(kemPrekeyId(random(1_184)).length, 8)
  })

  describe('when the clock jumps', () => {
    const y2100 = Date.UTC(2100, 0, 1)

    /** The clock of a device that starts in the year 1970, is set, and later goes wrong once more. */
    function issueAlong(...times: readonly number[]): Prekeys[] {
      const random = seeded(4)
      const issues: Prekeys[] = []
      for (const now of times) issues.push(issuePrekeys(issues.at(-1), own, now, random))
      return issues
    }

    it('always has a bundle that can be answered, with a number above all before', () => {
      const times = [
        0,
        NOW,
        NOW + 2 * DAY_MS,
        NOW - 2 * DAY_MS,
        NOW + WEEK,
        y2100,
        NOW + WEEK,
        0,
        NOW + 2 * WEEK
      ]
      const issues = issueAlong(...times)
      for (const [index, prekeys] of issues.entries()) {
        const now = must(times[index])
        const bundle = bundleOf(prekeys)
        assert.ok(bundle.seq > (issues[index - 1]?.seq ?? 0))
        assert.ok(bundle.notBefore <= now && bundle.notAfter > now)
        const { epoch, key } = choosePrekey(bundle, now)
        assert.equal(epoch, epochAt(now))
        assert.deepEqual(findSignedPrekeys(prekeys, epoch)[0]?.publicKey, key)
        assert.ok(
          prekeys.kemPrekeys.some(({ publicKey }) => Buffer.compare(publicKey, bundle.kemPrekey) === 0)
        )
        assert.ok(prekeys.kemPrekeys.length <= 6)
      }
    })

    it('deletes nothing because of one jump to another century, and forgets it all the same in time', () => {
      const [one, , back] = issueAlong(NOW, y2100, NOW)
      for (const { epoch, publicKey } of must(one).signedPrekeys) {
        assert.deepEqual(findSignedPrekeys(must(back), epoch)[0]?.publicKey, publicKey)
      }
      assert.ok(must(back).issued.some(({ seq }) => seq === must(one).seq))
      const later = must(issueAlong(NOW, y2100, y2100 + WEEK).at(-1))
      assert.equal(findSignedPrekeys(later, epochAt(NOW))[0], undefined)
    })

    it('loses nothing by two days', () => {
      const [one, two, three, four] = issueAlong(NOW, NOW + 2 * DAY_MS, NOW - 2 * DAY_MS, NOW)
      assert.equal(must(one).signedPrekeys.length, BUNDLE_EPOCHS)
      for (const { epoch, publicKey } of must(one).signedPrekeys) {
        for (const later of [two, three, four])
          assert.deepEqual(findSignedPrekeys(must(later), epoch)[0]?.publicKey, publicKey)
      }
    })

    it('issues again when the clock comes back from the future, not only when that future has come', () => {
      const [late] = issueAlong(y2100)
      assert.ok(isIssueDue(must(late), NOW))
      // A step back over the beginning of a week is no reason.
      const [monday] = issueAlong(epochEnd(epochAt(NOW)))
      assert.equal(isIssueDue(must(monday), epochEnd(epochAt(NOW)) - 1_000), false)
    })
  })
})

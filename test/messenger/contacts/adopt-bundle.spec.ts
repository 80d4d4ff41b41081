import assert from 'node:assert/strict'
import { adoptBundle, isFormerKey, reportChange } from '../../../src/messenger/contacts/adopt-bundle.js'
import { withContact } from '../../../src/messenger/peer-state.js'
import { generateDhKeyPair } from '../../../src/crypto/dh.js'
import type { OwnIdentity } from '../../../src/protocol/identity/identity.js'
import { decodeBundle, type Bundle } from '../../../src/protocol/prekeys/bundle.js'
import { issuePrekeys } from '../../../src/protocol/prekeys/prekeys.js'
import type { ContactRecord } from '../../../src/storage/records/contact-record.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'
import { seededRandom } from '../../support/store-random.js'

const random = seededRandom('adopt')

describe('messenger/adopt-bundle', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode
  let changes: string[]

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    bench.hub.partition([['alice'], ['bob']])
    changes = []
    alice.context.events.addEventListener('identity:change', ({ detail }) => changes.push(detail.change))
  })

  const contact = (): ContactRecord => onlyState(alice.context).contact

  /** A bundle of this identity, so many seconds from now. */
  function bundle(own: OwnIdentity, seconds: number, previous = bob.context.own.prekeys): Bundle {
    const now = bench.clock.now() + 1_000 * seconds
    const decoded = decodeBundle(issuePrekeys(previous, own, now, random).bundle)
    assert.ok(decoded.kind === 'decoded')
    return decoded.bundle
  }

  async function adopt(adopted: Bundle): Promise<void> {
    await step(bench, alice.context, contact().id, (unit) => adoptBundle(alice.context, unit, adopted))
  }

  it('keeps the newest', async () => {
    const own = bob.context.own.record.identity
    const [older, newer] = [bundle(own, 100), bundle(own, 200)]
    await adopt(newer)
    assert.deepEqual([contact().bundle, contact().seq], [newer.encoded, newer.seq])
    await adopt(older)
    assert.deepEqual(contact().bundle, newer.encoded)
    await adopt(newer)
    assert.deepEqual(changes, [])
  })

  it('reports two of one number, and keeps both as evidence', async () => {
    const own = bob.context.own.record.identity
    const first = bundle(own, 100)
    const second = bundle(own, 100.5)
    assert.equal(first.seq, second.seq)
    await adopt(first)
    await adopt(second)
    assert.deepEqual([changes, contact().change], [['equivocation'], 'equivocation'])
    assert.deepEqual([contact().bundle, contact().contradiction], [first.encoded, second.encoded])
    await adopt(second)
    assert.deepEqual(changes, ['equivocation'], 'said once')
  })

  it('reports another device key, but not the one an accepted change has replaced', async () => {
    const own = bob.context.own.record.identity
    const other = { ...own, dh: generateDhKeyPair(random) }
    await adopt(bundle(other, 100))
    assert.deepEqual([changes, contact().changedDhKey], [['device-key'], other.dh.publicKey])
    const former = withContact(onlyState(alice.context), { formerDhKey: own.dh.publicKey }).contact
    assert.equal(isFormerKey(former, own.dh.publicKey), true)
    assert.equal(isFormerKey(former, other.dh.publicKey), false)
    assert.equal(isFormerKey(contact(), own.dh.publicKey), false)
  })

  it('takes nothing of somebody else', async () => {
    const before = contact()
    await adopt(bundle(alice.context.own.record.identity, 100))
    assert.equal(contact(), before)
  })

  it('learns from a new incarnation that its owner lost its state', async () => {
    const own = { ...bob.context.own.record.identity, incarnation: random(16) }
    await adopt(bundle(own, 100))
    assert.deepEqual(contact().incarnation, own.incarnation)
    assert.deepEqual(changes, [])
  })

  it('says a change only once, until it is decided', async () => {
    for (const change of ['device-key', 'equivocation'] as const) {
      await step(bench, alice.context, contact().id, (unit) => {
        reportChange(alice.context, unit, change)
      })
    }
    assert.deepEqual([changes, contact().change, contact().verified], [['device-key'], 'device-key', false])
  })
})

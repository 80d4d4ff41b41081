import assert from 'node:assert/strict'
import { encodeIdentityId, ID_BYTES } from '../../../src/codec/ids.js'
import { AwaitedTags } from '../../../src/messenger/carry/awaited-tags.js'
import type { Context } from '../../../src/messenger/context.js'
import type { Recognised } from '../../../src/messenger/receive/tag-index.js'
import { chainTag } from '../../../src/protocol/ratchet/kdf.js'
import { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { createVirtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.js'
import { seeded } from '../../support/protocol-values.js'
import { numberedItem } from '../../support/sync-items.js'

describe('messenger/awaited-tags', () => {
  const tagKey = seeded(81)(32)
  let clock: VirtualClock
  /** Numbers of the messages that are kept, and were not looked at again. */
  let kept: number[]
  let reopened: number[]
  let onReopen: () => void
  let failures: string[]
  /** Looks that the store does not answer. */
  let breaks: number
  let recognised: Map<number, Recognised>
  let state: Context['state']
  let tags: AwaitedTags

  const numberOf = (tag: Uint8Array): number | undefined =>
    kept.find((number) => Buffer.from(chainTag(tagKey, number)).equals(tag))

  beforeEach(() => {
    clock = createVirtualClock()
    kept = [3, 70]
    reopened = []
    failures = []
    breaks = 0
    recognised = new Map()
    onReopen = () => undefined
    const index = new ItemIndex()
    index.insert(numberedItem(20_000, 1), 0)
    state = {
      started: true,
      closed: false,
      storage: 'ok',
      resting: false,
      linked: new Set(),
      contactPeers: new Set()
    }
    tags = new AwaitedTags(
      {
        clock,
        state,
        onFailure: (_, error) => failures.push(String(error)),
        mailbox: {
          index,
          hasTag: (tag) => numberOf(tag) !== undefined,
          tags: () => kept.map((number) => chainTag(tagKey, number))
        },
        tags: { find: (tag) => recognised.get(numberOf(tag) ?? -1) }
      },
      {
        idle: () => Promise.resolve(),
        reopen: (tag) => {
          const number = numberOf(tag)
          if (breaks-- > 0) return Promise.reject(new Error('no disk'))
          if (number !== undefined) reopened.push(number)
          kept = kept.filter((other) => other !== number)
          onReopen()
          return Promise.resolve()
        }
      }
    )
  })

  it('looks again at what is kept under a tag that is waited for, a moment later and once for all of them', async () => {
    tags.opened()
    tags.add({ tagKey, from: 0, to: 64 })
    tags.add({ tagKey, from: 64, to: 128 })
    assert.deepEqual(reopened, [])
    await clock.advance(1_000)
    assert.deepEqual(reopened, [3, 70])
    assert.equal(clock.pending, 0)
  })

  it('leaves no timer when it is closed, and sets none afterwards', () => {
    tags.opened()
    tags.add({ tagKey, from: 0, to: 64 })
    state.closed = true
    tags.close()
    tags.add({ tagKey, from: 64, to: 128 })
    assert.equal(clock.pending, 0)
  })

  it('does not look for what was waited for before', async () => {
    tags.add({ tagKey, from: 0, to: 64 })
    await clock.advance(1_000)
    assert.deepEqual(reopened, [])
  })

  it('is settled when nothing more could be opened because of what was', async () => {
    tags.opened()
    onReopen = () => {
      onReopen = () => undefined
      tags.add({ tagKey, from: 64, to: 128 })
    }
    tags.add({ tagKey, from: 0, to: 64 })
    await tags.settled()
    assert.deepEqual(reopened, [3, 70])
  })

  it('looks again for what it could not look for, and for what came meanwhile', async () => {
    const other = seeded(82)(32)
    tags.opened()
    breaks = 2
    tags.add({ tagKey, from: 0, to: 64 })
    tags.add({ tagKey: other, from: 0, to: 64 })
    await clock.advance(100)
    assert.deepEqual([reopened, failures], [[], ['Error: no disk']])
    tags.add({ tagKey, from: 64, to: 128 })
    await assert.rejects(tags.settled(), /no disk/)
    await clock.advance(10_000)
    assert.deepEqual([reopened, clock.pending], [[3, 70], 0])
  })

  describe('looks through what is kept', () => {
    const [alice, bob] = [1, 2].map((n) => encodeIdentityId(seeded(n)(ID_BYTES)))

    function skipped(contactId = alice): Recognised {
      assert.ok(contactId !== undefined)
      return { kind: 'skipped', contactId, sessionId: seeded(83)(32) }
    }

    it('for all that is recognised, or that one contact may have sent', async () => {
      kept = [3, 5, 7, 9]
      recognised = new Map([
        [3, skipped(alice)],
        [5, skipped(bob)],
        [9, { kind: 'invited', secret: seeded(84)(32), count: 0 }]
      ])
      await tags.lookThrough(alice)
      await clock.advance(1_000)
      assert.deepEqual(reopened, [3, 9])
      await tags.lookThrough()
      await tags.settled()
      assert.deepEqual([reopened, kept], [[3, 9, 5], [7]])
    })

    it('and goes on where the store failed', async () => {
      kept = [3, 5, 7]
      recognised = new Map(kept.map((number) => [number, skipped()]))
      onReopen = () => {
        breaks = 1
        onReopen = () => undefined
      }
      await tags.lookThrough()
      await clock.advance(100)
      assert.deepEqual([reopened, failures], [[3], ['Error: no disk']])
      await clock.advance(10_000)
      assert.deepEqual([reopened, clock.pending], [[3, 5, 7], 0])
    })
  })
})

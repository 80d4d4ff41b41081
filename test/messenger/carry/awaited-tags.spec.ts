import assert from 'node:assert/strict'
import { AwaitedTags } from '../../../src/messenger/carry/awaited-tags.js'
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
  let tags: AwaitedTags

  const numberOf = (tag: Uint8Array): number | undefined =>
    kept.find((number) => Buffer.from(chainTag(tagKey, number)).equals(tag))

  beforeEach(() => {
    clock = createVirtualClock()
    kept = [3, 70]
    reopened = []
    failures = []
    breaks = 0
    onReopen = () => undefined
    const index = new ItemIndex()
    index.insert(numberedItem(20_000, 1), 0)
    tags = new AwaitedTags(
      {
        clock,
        state: {
          started: true,
          closed: false,
          storage: 'ok',
          resting: false,
          linked: new Set(),
          contactPeers: new Set()
        },
        onFailure: (_, error) => failures.push(String(error)),
        mailbox: { index, hasTag: (tag) => numberOf(tag) !== undefined }
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
})

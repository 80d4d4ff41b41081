import assert from 'node:assert/strict'
import { encodeIdentityId } from '../../../src/codec/ids.js'
import { Holders, type NewlyHeld } from '../../../src/messenger/carry/holders.js'
import type { OutboxEntry } from '../../../src/messenger/send/outbox.js'
import { NOT_TRANSMITTED } from '../../../src/protocol/delivery/retransmission.js'
import { numberedItem } from '../../support/sync-items.js'

const bob = encodeIdentityId(new Uint8Array(20).fill(2))

function entryOf(number: number, positions: readonly string[]): OutboxEntry {
  return {
    contactId: bob,
    number,
    positions,
    expiryDay: 7,
    priority: 'routine',
    rank: 0,
    sentAt: 0,
    sealed: true,
    item: numberedItem(7, number),
    holders: new Set(),
    transmission: NOT_TRANSMITTED
  }
}

describe('messenger/holders', () => {
  let news: NewlyHeld[]
  let holders: Holders

  beforeEach(() => {
    news = []
    holders = new Holders((held) => news.push(...held))
  })

  it('tells once that somebody holds an envelope, and of each who does', () => {
    holders.add(entryOf(5, ['a', 'b']))
    const { id } = numberedItem(7, 5)
    holders.confirm('carol', [id.subarray(0, 8)])
    holders.confirm('carol', [id])
    holders.confirm('dave', [id])
    assert.deepEqual(news, [
      { contactId: bob, numbers: [5, 6], positions: ['a', 'b'] },
      { contactId: bob, numbers: [], positions: ['a', 'b'] }
    ])
  })

  it('says nothing of what is not ours, or was delivered', () => {
    const entry = entryOf(5, ['a'])
    holders.add(entry)
    holders.confirm('carol', [numberedItem(7, 6).id])
    holders.remove(entry)
    holders.confirm('carol', [numberedItem(7, 5).id])
    assert.deepEqual([news, holders.items()], [[], []])
  })
})

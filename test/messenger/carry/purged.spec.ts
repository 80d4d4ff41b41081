import assert from 'node:assert/strict'
import { Purged } from '../../../src/messenger/carry/purged.js'
import { tagOfPurge } from '../../../src/protocol/ratchet/kdf.js'
import type { Item } from '../../../src/protocol/sync/item.js'
import { numberedItem } from '../../support/sync-items.js'

const secret = (n: number): Uint8Array => new Uint8Array(16).fill(n)

describe('messenger/purged', () => {
  it('knows what has arrived by tag, by id and by the beginning of it', () => {
    const purged = new Purged()
    purged.add([numberedItem(7, 1)], secret(1), true)
    assert.deepEqual(purged.ofTag(tagOfPurge(secret(1))), secret(1))
    assert.deepEqual(purged.ofId(numberedItem(7, 1).id), secret(1))
    assert.deepEqual(purged.ofId(numberedItem(7, 1).id.subarray(0, 16)), secret(1))
    assert.equal(purged.ofTag(tagOfPurge(secret(2))), undefined)
    assert.equal(purged.ofId(numberedItem(7, 2).id), undefined)
  })

  it('knows a few ids of one tag, however many envelopes there were', () => {
    const purged = new Purged()
    const items = Array.from({ length: 100 }, (_, n) => numberedItem(7, n))
    purged.add(items, secret(1), true)
    assert.equal(items.filter(({ id }) => purged.ofId(id) !== undefined).length, 4)
    assert.deepEqual(purged.ofTag(tagOfPurge(secret(1))), secret(1))
  })

  it('takes more envelopes of one tag than a call takes arguments', () => {
    const purged = new Purged()
    purged.add(new Array<Item>(200_000).fill(numberedItem(7, 1)), secret(1), true)
    assert.deepEqual(purged.ofTag(tagOfPurge(secret(1))), secret(1))
    purged.expire((day) => day < 7)
    assert.equal(purged.size, 1)
  })

  it('tells news once, in order, and the newest to who has heard nothing', () => {
    const purged = new Purged()
    for (let n = 1; n <= 3; n++) purged.add([numberedItem(7, n)], secret(n), true)
    purged.add([numberedItem(7, 4)], secret(4), false)
    const first = purged.newsAfter(0, 2)
    assert.deepEqual(first.secrets, [secret(1), secret(2)])
    const second = purged.newsAfter(first.seen, 2)
    assert.deepEqual(second.secrets, [secret(3)])
    assert.deepEqual(purged.newsAfter(second.seen, 2).secrets, [])
  })

  it('keeps the newest news only', () => {
    const purged = new Purged()
    for (let n = 0; n < 5_000; n++)
      purged.add([numberedItem(7, n)], new Uint8Array(16).fill(n & 0xff).fill(n >> 8, 0, 4), true)
    const { secrets, seen } = purged.newsAfter(0, 10_000)
    assert.deepEqual([secrets.length, seen], [4_096, 5_000])
  })

  it('forgets what has expired', () => {
    const purged = new Purged()
    purged.add([numberedItem(7, 1)], secret(1), true)
    purged.add([numberedItem(9, 2)], secret(2), true)
    purged.expire((day) => day < 8)
    assert.equal(purged.size, 1)
    assert.equal(purged.ofId(numberedItem(7, 1).id), undefined)
    assert.deepEqual(purged.ofId(numberedItem(9, 2).id), secret(2))
    purged.expire((day) => day < 9)
    assert.equal(purged.size, 1)
    purged.expire((day) => day < 10)
    assert.equal(purged.size, 0)
  })
})

import assert from 'node:assert/strict'
import { MailboxChanges } from '../../../src/messenger/carry/mailbox-changes.js'
import { numberedItem } from '../../support/sync-items.js'

const removed = (n: number) => ({ kind: 'removed', id: numberedItem(7, n).id }) as const

describe('messenger/mailbox-changes', () => {
  it('gives what happened once, by day and in order', () => {
    const changes = new MailboxChanges()
    for (const [day, n] of [
      [7, 1],
      [8, 2],
      [7, 3]
    ] as const)
      changes.add(day, removed(n))
    assert.deepEqual(
      [...changes.take()],
      [
        [7, [removed(1), removed(3)]],
        [8, [removed(2)]]
      ]
    )
    assert.ok(changes.isEmpty)
  })

  it('takes back what could not be noted, before what happened since, and nothing of what is gone', () => {
    const changes = new MailboxChanges()
    changes.add(7, removed(1))
    changes.add(7, removed(2))
    changes.add(8, removed(2))
    const taken = changes.take()
    changes.add(7, removed(3))
    changes.putBack(taken, (id) => Buffer.compare(id, removed(2).id) === 0)
    assert.deepEqual([...changes.take()], [[7, [removed(1), removed(3)]]])
  })

  it('forgets days that are over', () => {
    const changes = new MailboxChanges()
    changes.add(7, removed(1))
    changes.add(9, removed(2))
    changes.expire((day) => day < 8)
    assert.deepEqual([...changes.take()], [[9, [removed(2)]]])
  })
})

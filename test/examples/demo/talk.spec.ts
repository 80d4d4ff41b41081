import assert from 'node:assert/strict'
import type { IdentityId } from 'hallig'
import { Talk } from '../../../examples/demo/talk.js'

const contact = 'nobody' as IdentityId

describe('what one person knows of a talk', () => {
  it('is when own messages were written and first known to be delivered, and how far they have come', () => {
    const talk = new Talk()
    talk.note({ kind: 'wrote', contact, number: 1, at: 100 })
    talk.note({ kind: 'status', contact, number: 1, status: 'sent', carriers: 2, at: 110 })
    assert.equal(talk.deliveredAt.size, 0)
    talk.note({ kind: 'status', contact, number: 1, status: 'delivered', carriers: 0, at: 120 })
    talk.note({ kind: 'status', contact, number: 1, status: 'read', carriers: 0, at: 130 })
    assert.equal(talk.written, 1)
    assert.deepEqual([...talk.writtenAt], [[1, 100]])
    assert.deepEqual([...talk.deliveredAt], [[1, 120]])
    assert.deepEqual([...talk.statuses], [[1, 'read']])
    assert.deepEqual([...talk.carriers], [[1, 2]])
  })

  it('knows whether all are read, not only the last', () => {
    const talk = new Talk()
    const note = (number: number, status: 'delivered' | 'read'): void => {
      talk.note({ kind: 'status', contact, number, status, carriers: 1, at: 100 })
    }
    note(1, 'delivered')
    note(2, 'read')
    assert.equal(talk.isReadUpTo(2), false)
    note(1, 'read')
    assert.equal(talk.isReadUpTo(2), true)
    assert.equal(talk.isReadUpTo(3), false)
  })

  it('is when messages came, and each time that one was announced', () => {
    const talk = new Talk()
    for (const at of [100, 200]) talk.note({ kind: 'received', contact, number: 7, at })
    assert.deepEqual(talk.announced, [7, 7])
    assert.deepEqual([...talk.receivedAt], [[7, 100]])
  })

  it('counts what was in the store at a start, and what came before that was told', () => {
    const talk = new Talk()
    talk.note({ kind: 'wrote', contact, number: 1, at: 100 })
    talk.note({ kind: 'received', contact, number: 1, at: 100 })
    talk.forget()
    talk.note({ kind: 'received', contact, number: 3, at: 200 })
    talk.restore(2, 2)
    assert.deepEqual([talk.written, talk.received], [2, 3])
    assert.deepEqual(talk.announced, [1, 3])
  })
})

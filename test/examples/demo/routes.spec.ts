import assert from 'node:assert/strict'
import type { IdentityId } from 'hallig'
import { routesOf, throughOutages } from '../../../examples/demo/routes.js'
import { Talk } from '../../../examples/demo/talk.js'

describe('the ways that messages came', () => {
  const outages = [{ from: 250, to: 900 }]
  const pathOf = throughOutages(outages, 'waits')

  it('are direct, unless a message had to wait for the end of an outage', () => {
    assert.equal(pathOf(100, 110), 'direct')
    assert.equal(pathOf(240, 260), 'direct', 'what was on its way when the other died')
    assert.equal(pathOf(300, 950), 'waits')
    assert.equal(pathOf(300), 'waits', 'what has not come at all')
    assert.equal(pathOf(910, 950), 'direct')
  })

  it('are told of all messages in a row that came the same way and as far', () => {
    const [sent, got] = [new Talk(), new Talk()]
    const contact = 'nobody' as IdentityId
    for (const [number, writtenAt, receivedAt] of [
      [1, 100, 110],
      [2, 200, 230],
      [3, 300, 950],
      [4, 950, 960]
    ] as const) {
      sent.note({ kind: 'wrote', contact, number, at: writtenAt })
      sent.note({ kind: 'status', contact, number, status: 'sent', carriers: number, at: writtenAt })
      sent.note({ kind: 'status', contact, number, status: 'read', carriers: 0, at: receivedAt + 5 })
      got.note({ kind: 'received', contact, number, at: receivedAt })
    }
    sent.note({ kind: 'wrote', contact, number: 5, at: 970 })
    const routes = routesOf('Alice → Bob', sent, got, pathOf)
    assert.deepEqual(routes, [
      { message: 'Alice → Bob #1–#2', path: 'direct', carriers: 2, time: '30 ms', status: 'read' },
      { message: 'Alice → Bob #3', path: 'waits', carriers: 3, time: '650 ms', status: 'read' },
      { message: 'Alice → Bob #4', path: 'direct', carriers: 4, time: '10 ms', status: 'read' },
      { message: 'Alice → Bob #5', path: 'direct', carriers: 0, time: '–', status: 'queued' }
    ])
  })
})

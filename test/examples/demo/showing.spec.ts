import assert from 'node:assert/strict'
import { PersonProcess } from '../../../examples/demo/person-process.js'
import { showMany, showMessage } from '../../../examples/demo/showing.js'

describe('a message on the timeline', () => {
  const place = { directory: '/nowhere', network: 'test', lan: false }

  it('shows its text, its status, and its time once it has arrived', () => {
    const alice = new PersonProcess('Alice', 'Alice of Langeness', place)
    assert.equal(showMessage(alice, 5), '→ “#5 Bread for two days, water for five.” queued')
    alice.writtenAt.set(5, 1000)
    alice.statuses.set(5, 'sent')
    assert.equal(showMessage(alice, 5), '→ “#5 Bread for two days, water for five.” sent')
    alice.deliveredAt.set(5, 1007.25)
    alice.statuses.set(5, 'delivered')
    assert.equal(showMessage(alice, 5), '→ “#5 Bread for two days, water for five.” delivered in 7.3 ms')
    alice.statuses.set(5, 'read')
    assert.match(showMessage(alice, 5), / delivered in 7.3 ms, read$/)
  })

  it('is cut when it is long', () => {
    const alice = new PersonProcess('Alice', 'Alice of Langeness', place)
    assert.equal(showMessage(alice, 25), '→ “#25 Sheep and hay are dry; the cellar…” queued')
  })

  it('stands with others in one line', () => {
    const trips = new Map([
      [1, 5],
      [2, 7],
      [3, 90]
    ])
    assert.equal(showMany(trips), '→ #1–#3 delivered, round trip 7.0 ms (slowest 90 ms)')
  })
})

import assert from 'node:assert/strict'
import { inKilobytes, showMany, showMessage } from '../../../examples/demo/showing.js'
import { Talk } from '../../../examples/demo/talk.js'
import { textOf } from '../../../examples/demo/texts.js'

describe('a message on the timeline', () => {
  it('shows its text, its status, and its time once it has arrived', () => {
    const talk = new Talk()
    talk.texts.set(5, textOf(5))
    assert.equal(showMessage(talk, 5), '→ “#5 Bread for two days, water for five.” queued')
    talk.writtenAt.set(5, 1000)
    talk.statuses.set(5, 'sent')
    assert.equal(showMessage(talk, 5), '→ “#5 Bread for two days, water for five.” sent')
    talk.deliveredAt.set(5, 1007.25)
    talk.statuses.set(5, 'delivered')
    assert.equal(showMessage(talk, 5), '→ “#5 Bread for two days, water for five.” delivered in 7.3 ms')
    talk.statuses.set(5, 'read')
    assert.match(showMessage(talk, 5), / delivered in 7.3 ms, read$/)
  })

  it('is cut when it is long', () => {
    const talk = new Talk()
    talk.texts.set(25, textOf(25))
    assert.equal(showMessage(talk, 25), '→ “#25 Sheep and hay are dry; the cellar…” queued')
  })

  it('stands with others in one line', () => {
    const trips = new Map([
      [1, 5],
      [2, 7],
      [3, 90]
    ])
    assert.equal(showMany(trips), '→ #1–#3 delivered, round trip 7.0 ms (slowest 90 ms)')
  })

  it('has sizes in kilobytes beside it', () => {
    assert.equal(inKilobytes(127_400), '127 kB')
  })
})

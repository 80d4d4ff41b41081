import assert from 'node:assert/strict'
import { MailboxJournal } from '../../src/messenger/mailbox-journal.js'
import { parseMailboxKey, Tables } from '../../src/storage/records/tables.js'

describe('messenger/mailbox-journal', () => {
  const tables = new Tables((_, id) => id)
  const id = new Uint8Array(32).fill(1)

  it('numbers the records of each day, after those that are there', () => {
    const journal = new MailboxJournal(tables)
    journal.found(7, 4)
    journal.found(7, 2)
    const places = [7, 7, 8].map((day) => parseMailboxKey(journal.note(day, [{ kind: 'removed', id }]).key))
    assert.deepEqual(places, [
      { day: 7, sequence: 5 },
      { day: 7, sequence: 6 },
      { day: 8, sequence: 0 }
    ])
  })

  it('deletes all records of days that are over', () => {
    const journal = new MailboxJournal(tables)
    const written = [7, 7, 8].map((day) => journal.note(day, [{ kind: 'removed', id }]).key)
    assert.deepEqual(
      journal.forgetDays((day) => day === 7).map(({ key }) => key),
      written.slice(0, 2)
    )
    assert.deepEqual(
      journal.forgetDays((day) => day === 7),
      []
    )
  })

  it('keeps and drops an envelope under one key', () => {
    const journal = new MailboxJournal(tables)
    const item = { day: 7, id }
    assert.equal(journal.keep(item, new Uint8Array(512)).key, journal.drop(item).key)
  })
})

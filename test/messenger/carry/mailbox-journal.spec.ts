import assert from 'node:assert/strict'
import { MailboxJournal } from '../../../src/messenger/carry/mailbox-journal.js'
import { createMemoryStore } from '../../../src/index.js'
import { mailboxRecord, type MailboxChange } from '../../../src/storage/records/mailbox-record.js'
import { parseMailboxKey, Tables } from '../../../src/storage/records/tables.js'
import { countOf } from '../../support/messenger-count.js'

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

  it('merges the records of a day that has very many: few are left, which say the same in the same order', async () => {
    const journal = new MailboxJournal(tables)
    const store = createMemoryStore()
    const change = (n: number): MailboxChange => ({ kind: 'removed', id: new Uint8Array(32).fill(n & 0xff) })
    const read = async (): Promise<{ changes: MailboxChange[]; records: number }> => {
      const changes: MailboxChange[] = []
      let records = 0
      for await (const [, value] of store.range({})) {
        records++
        changes.push(...mailboxRecord.decode(value))
      }
      return { changes, records }
    }
    for (let n = 0; n < 513; n++) await store.commit([journal.note(7, [change(n), change(n + 1)])])
    const before = await read()
    const meanwhile = journal.note(7, [change(99)])
    await journal.merge(store)
    await store.commit([meanwhile])
    const after = await read()
    assert.deepEqual([before.records, after.records], [513, 3])
    assert.deepEqual(after.changes, [...before.changes, change(99)])
    assert.deepEqual(journal.forgetDays(() => true).length, 514)
  })

  it('leaves days alone that have few', async () => {
    const journal = new MailboxJournal(tables)
    const store = createMemoryStore()
    for (let n = 0; n < 512; n++) await store.commit([journal.note(7, [{ kind: 'removed', id }])])
    await journal.merge(store)
    assert.equal(await countOf(store.range({})), 512)
  })
})

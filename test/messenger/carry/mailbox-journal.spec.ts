import assert from 'node:assert/strict'
import { MailboxJournal } from '../../../src/messenger/carry/mailbox-journal.js'
import { createMemoryStore } from '../../../src/index.js'
import { mailboxRecord, type MailboxChange } from '../../../src/storage/records/mailbox-record.js'
import { parseMailboxKey, Tables } from '../../../src/storage/records/tables.js'
import { countOf } from '../../support/messenger-count.js'

describe('messenger/mailbox-journal', () => {
  const tables = new Tables((_, id) => id)
  const id = new Uint8Array(32).fill(1)
  const idOf = (n: number): Uint8Array => new Uint8Array(32).fill(n & 0xff).fill(n >> 8, 0, 16)

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
    const change = (n: number): MailboxChange => ({ kind: 'removed', id: idOf(n) })
    const read = async (): Promise<{ changes: MailboxChange[]; records: number }> => {
      const changes: MailboxChange[] = []
      let records = 0
      for await (const [, value] of store.range({})) {
        records++
        changes.push(...mailboxRecord.decode(value))
      }
      return { changes, records }
    }
    for (let n = 0; n < 513; n++) await store.commit([journal.note(7, [change(2 * n), change(2 * n + 1)])])
    const before = await read()
    const meanwhile = journal.note(7, [change(9_999)])
    await journal.merge(store, () => false)
    await store.commit([meanwhile])
    const after = await read()
    assert.deepEqual([before.records, after.records], [513, 3])
    assert.deepEqual(after.changes, [...before.changes, change(9_999)])
    assert.deepEqual(journal.forgetDays(() => true).length, 3)
  })

  it('merges a record of more changes than a call takes arguments', async () => {
    const journal = new MailboxJournal(tables)
    const store = createMemoryStore()
    const many = new Array<MailboxChange>(200_000).fill({ kind: 'removed', id: idOf(1) })
    await store.commit([journal.note(7, many)])
    for (let n = 0; n < 512; n++) await store.commit([journal.note(7, [{ kind: 'removed', id: idOf(n) }])])
    await journal.merge(store, () => false)
    assert.equal(await countOf(store.range({})), 1)
  })

  it('leaves out of a merge what was said before and what is forgotten, but for own envelopes, which are noted before they are known', async () => {
    const journal = new MailboxJournal(tables)
    const store = createMemoryStore()
    const [tag, secret, source] = [new Uint8Array(16), new Uint8Array(16).fill(2), new Uint8Array(8)]
    const added = (n: number): Extract<MailboxChange, { kind: 'added' }> => {
      return { kind: 'added', id: idOf(n), tag, bytes: 512, source, standing: 'stranger' }
    }
    const own = (n: number): MailboxChange => ({ ...added(n), standing: 'own' })
    const removed = (n: number): MailboxChange => ({ kind: 'removed', id: idOf(n) })
    const purged = (n: number): MailboxChange => ({ kind: 'purged', id: idOf(n), secret })
    const lost = (n: number): MailboxChange => ({ kind: 'lost', id: idOf(n) })
    const released = (n: number): MailboxChange => ({ kind: 'released', id: idOf(n), secret, dueAt: 1 })
    const noted = [
      ...[added(1), removed(1), added(1)],
      ...[added(2), removed(2), added(2), removed(2)],
      ...[added(3), released(3), purged(3)],
      ...[added(4), removed(4), own(5), added(6), purged(6), released(7), added(8), released(8), removed(8)],
      ...[added(9), removed(9), released(9), lost(9), added(10), lost(10), added(10)]
    ]
    await store.commit(noted.map((change) => journal.note(7, [change])))
    for (let n = 0; n < 513; n++) await store.commit([journal.note(7, [removed(2)])])
    const forgotten = [4, 5, 6, 7, 8].map((n) => idOf(n).join())
    await journal.merge(store, (day, change) => day === 7 && forgotten.includes(change.id.join()))
    const left: MailboxChange[] = []
    for await (const [, value] of store.range({})) left.push(...mailboxRecord.decode(value))
    assert.deepEqual(left, [
      ...[removed(1), added(1), added(2), removed(2), purged(3)],
      ...[own(5), released(7), released(8), released(9), lost(9), lost(10), added(10)]
    ])
    assert.deepEqual(journal.forgetDays(() => true).length, 1)
  })

  it('merges a flooded day part by part, and leaves nothing of what came in one and went in another', async () => {
    const journal = new MailboxJournal(tables)
    const store = createMemoryStore()
    const [tag, source] = [new Uint8Array(16), new Uint8Array(8)]
    const noted = async (changes: readonly MailboxChange[]): Promise<void> => {
      for (let start = 0; start < changes.length; start += 200)
        await store.commit([journal.note(7, changes.slice(start, start + 200))])
    }
    const ids = Array.from({ length: 60_000 }, (_, n) => idOf(n))
    const added = ids.map(
      (id) => ({ kind: 'added', id, tag, bytes: 512, source, standing: 'stranger' }) as const
    )
    await noted(added)
    await noted(ids.map((id) => ({ kind: 'removed', id })))
    const commits: number[] = []
    const { commit } = store
    store.commit = async (writes) => {
      commits.push(writes.reduce((sum, write) => sum + (write.type === 'put' ? write.value.length : 0), 0))
      await commit.call(store, writes)
    }
    const kept = new Set(ids.slice(0, 40_000).map((id) => id.join()))
    await journal.merge(store, (_, { id }) => !kept.has(id.join()))
    const left: MailboxChange[] = []
    for await (const [, value] of store.range({})) left.push(...mailboxRecord.decode(value))
    assert.deepEqual([left.length, left.filter(({ kind }) => kind === 'added').length], [80_000, 40_000])
    assert.ok(left.every(({ id }) => kept.has(id.join())))
    assert.ok(commits.length > 2 && Math.max(...commits) < 3_000_000, commits.join(' '))
    assert.equal(journal.forgetDays(() => true).length, await countOf(store.range({})))
  })

  it('spares an own envelope that is not known yet in all parts', async () => {
    const journal = new MailboxJournal(tables)
    const store = createMemoryStore()
    const [tag, source, secret] = [new Uint8Array(16), new Uint8Array(8), new Uint8Array(16)]
    const [own, other] = [idOf(1), idOf(2)]
    await store.commit([
      journal.note(7, [{ kind: 'added', id: own, tag, bytes: 512, source, standing: 'own' }]),
      journal.note(7, [{ kind: 'added', id: other, tag, bytes: 512, source, standing: 'stranger' }])
    ])
    for (let n = 0; n < 600; n++) {
      const changes = Array.from(
        { length: 100 },
        (_, at) => ({ kind: 'removed', id: idOf(100 * n + at + 10) }) as const
      )
      await store.commit([journal.note(7, changes)])
    }
    await store.commit([
      journal.note(
        7,
        [own, other].map((id) => ({ kind: 'purged', id, secret }))
      )
    ])
    await journal.merge(store, (_, { id }) => [own, other].some((known) => known.join() === id.join()))
    const left: MailboxChange[] = []
    for await (const [, value] of store.range({})) left.push(...mailboxRecord.decode(value))
    assert.deepEqual(
      [left.at(0), left.at(-1), left.length],
      [
        { kind: 'added', id: own, tag, bytes: 512, source, standing: 'own' },
        { kind: 'purged', id: own, secret },
        60_002
      ]
    )
  })

  it('leaves days alone that have few', async () => {
    const journal = new MailboxJournal(tables)
    const store = createMemoryStore()
    for (let n = 0; n < 512; n++) await store.commit([journal.note(7, [{ kind: 'removed', id }])])
    await journal.merge(store, () => false)
    assert.equal(await countOf(store.range({})), 512)
  })
})

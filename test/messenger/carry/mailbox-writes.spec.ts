import assert from 'node:assert/strict'
import { MailboxJournal } from '../../../src/messenger/carry/mailbox-journal.js'
import { MailboxWrites } from '../../../src/messenger/carry/mailbox-writes.js'
import { createMemoryStore, MessengerError } from '../../../src/index.js'
import type { Item } from '../../../src/protocol/sync/item.js'
import { createVirtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.js'
import { Tables } from '../../../src/storage/records/tables.js'
import type { Store, Write } from '../../../src/storage/store.js'
import { numberedItem } from '../../support/sync-items.js'

describe('messenger/mailbox-writes', () => {
  const tables = new Tables((_, id) => id)
  let clock: VirtualClock
  let commits: (readonly Write[])[]
  let failing: boolean
  let lost: Item[]
  let failures: unknown[]
  let writes: MailboxWrites

  beforeEach(() => {
    clock = createVirtualClock()
    commits = []
    failing = false
    lost = []
    failures = []
    const plain = createMemoryStore()
    const store: Store = {
      get: (key) => plain.get(key),
      range: (range) => plain.range(range),
      close: () => plain.close(),
      commit: async (all) => {
        if (failing) throw new MessengerError('STORE_FULL', 'full')
        commits.push(all)
        await plain.commit(all)
      }
    }
    writes = new MailboxWrites({
      store,
      clock,
      journal: new MailboxJournal(tables),
      onFailure: (error) => failures.push(error),
      onLost: (items) => lost.push(...items)
    })
  })

  const item = (number: number): Item => numberedItem(20_000, number)
  const envelope = (number: number, bytes = 512): Uint8Array => new Uint8Array(bytes).fill(number)

  it('writes many together a moment later, and finds them until then', async () => {
    for (const number of [1, 2]) writes.keep(item(number), envelope(number))
    writes.soon()
    writes.soon()
    assert.deepEqual(writes.find(item(1)), envelope(1))
    await clock.advance(1_000)
    assert.deepEqual(
      commits.map(({ length }) => length),
      [2]
    )
    assert.equal(writes.find(item(1)), undefined)
  })

  it('waits no longer when it is much, and writes nothing for nothing', async () => {
    writes.keep(item(1), envelope(1, 1024 * 1024))
    writes.soon()
    await clock.advance(0)
    assert.equal(commits.length, 1)
    await writes.flush()
    assert.equal(commits.length, 1)
  })

  it('never writes what is dropped or over before it was written, and deletes what was', async () => {
    for (const number of [1, 3]) writes.keep(item(number), envelope(number))
    writes.drop(item(1))
    writes.drop(item(4))
    writes.change(20_000, { kind: 'removed', id: item(4).id })
    writes.change(19_000, { kind: 'removed', id: item(4).id })
    writes.forgetDays((day) => day === 19_000)
    await writes.flush()
    assert.deepEqual(
      commits[0]?.map(({ type, key }) => `${type} ${key.split('/')[0] ?? ''}`),
      ['del envelope', 'put envelope', 'put mailbox'].map((text) => text.replace('del ', 'delete '))
    )
  })

  it('waits for more when what was much is dropped', async () => {
    writes.keep(item(1), envelope(1, 1024 * 1024))
    writes.keep(item(2), envelope(2))
    writes.drop(item(1))
    writes.soon()
    await clock.advance(0)
    assert.equal(commits.length, 0)
    await clock.advance(1_000)
    assert.equal(commits.length, 1)
  })

  it('deletes later what could not be deleted, be it more than a call takes arguments', async () => {
    // A quarter of a full mailbox goes at once when the store is full.
    for (let number = 0; number < 200_000; number++) writes.drop(item(number % 50_000))
    failing = true
    await assert.rejects(writes.flush(), { code: 'STORE_FULL' })
    assert.ok(writes.hasDrops)
    failing = false
    await writes.flush()
    assert.deepEqual(
      commits.map(({ length }) => length),
      [200_000]
    )
  })

  it('says what it could not write, and goes on with what comes next', async () => {
    failing = true
    writes.keep(item(1), envelope(1))
    writes.soon()
    await clock.advance(1_000)
    assert.deepEqual([lost.length, failures.length, writes.find(item(1))], [1, 1, undefined])
    failing = false
    writes.keep(item(2), envelope(2))
    await writes.flush()
    assert.equal(commits.length, 1)
  })
})

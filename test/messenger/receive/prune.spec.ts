import assert from 'node:assert/strict'
import { makeRoom, prune, pruneContact } from '../../../src/messenger/receive/prune.js'
import { withSession } from '../../../src/messenger/peer-state.js'
import { DAY_MS, MAX_SKIPPED_PER_SESSION, SKIPPED_KEY_LIFETIME } from '../../../src/protocol/limits.js'
import { skippedRecord } from '../../../src/storage/records/skipped-record.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'
import { countOf } from '../../support/messenger-count.js'
import { seededRandom } from '../../support/store-random.js'

const random = seededRandom('prune')

describe('messenger/prune', () => {
  let bench: Bench
  let alice: BenchNode

  beforeEach(async () => {
    bench = createBench()
    const [one, other] = await friends(bench)
    alice = one
    // A stopped node looks after nothing by itself, and the months pass quickly.
    for (const { node } of [one, other]) await bench.run(node.stop())
  })

  const count = (prefix: string): Promise<number> =>
    countOf(alice.context.store.range({ gte: prefix, lt: `${prefix}~` }))

  /** Keep so many skipped keys for the session there is, `age` ms old. */
  async function skip(keys: number, age: number): Promise<void> {
    const { contact } = onlyState(alice.context)
    await step(bench, alice.context, contact.id, (unit) => {
      const [session] = unit.state?.sessions ?? []
      if (unit.state === undefined || session === undefined) return
      for (let n = 0; n < keys; n++) {
        const record = skippedRecord.encode({ key: random(32), keptAt: bench.clock.now() - age })
        unit.put(alice.context.tables.skipped(contact.id, session.id, random(16)), record)
      }
      unit.state = withSession(unit.state, { ...session, skippedCount: session.skippedCount + keys })
    })
  }

  it('deletes skipped keys past their life and counts the others anew', async () => {
    await skip(3, SKIPPED_KEY_LIFETIME + 1)
    await skip(2, SKIPPED_KEY_LIFETIME - DAY_MS)
    await prune(alice.context)
    assert.equal(await count('skipped/'), 2)
    assert.equal(onlyState(alice.context).sessions[0]?.skippedCount, 2)
  })

  it('counts those that the same commit adds and uses up', async () => {
    await skip(3, 2 * DAY_MS)
    const { contact } = onlyState(alice.context)
    let used = ''
    for await (const [key] of alice.context.store.range({ gte: 'skipped/', lt: 'skipped0', limit: 1 }))
      used = key
    const received = step(bench, alice.context, contact.id, (unit) => {
      const [session] = unit.state?.sessions ?? []
      if (unit.state === undefined || session === undefined) return
      for (let n = 0; n < 5; n++) {
        const record = skippedRecord.encode({ key: random(32), keptAt: bench.clock.now() })
        unit.put(alice.context.tables.skipped(contact.id, session.id, random(16)), record)
      }
      unit.delete(used)
      unit.state = withSession(unit.state, { ...session, skippedCount: session.skippedCount + 5 - 1 })
    })
    await Promise.all([received, pruneContact(alice.context, contact.id)])
    assert.equal(await count('skipped/'), 7)
    assert.equal(onlyState(alice.context).sessions[0]?.skippedCount, 7)
  })

  it('lets the oldest half of a crowded session go', async () => {
    await skip(MAX_SKIPPED_PER_SESSION - 10, 5 * DAY_MS)
    await skip(10, 0)
    await pruneContact(alice.context, onlyState(alice.context).contact.id, true)
    const kept = onlyState(alice.context).sessions[0]?.skippedCount ?? 0
    assert.equal(kept, MAX_SKIPPED_PER_SESSION / 2)
    let newest = 0
    for await (const [, value] of alice.context.store.range({ gte: 'skipped/', lt: 'skipped0' })) {
      if (skippedRecord.decode(value).keptAt > bench.clock.now() - DAY_MS) newest++
    }
    assert.equal(newest, 10)
  })

  it('deletes sessions that nobody sends on any more, but never the one in use', async () => {
    const { contact, sessions } = onlyState(alice.context)
    const [session] = sessions
    assert.ok(session !== undefined)
    await step(bench, alice.context, contact.id, (unit) => {
      if (unit.state === undefined) return
      const old = {
        ...session,
        id: new Uint8Array(32).fill(3),
        generation: 0,
        createdAt: session.createdAt - 90 * DAY_MS
      }
      unit.state = withSession(unit.state, old)
    })
    assert.equal(await count('session/'), 2)
    await prune(alice.context)
    assert.equal(await count('session/'), 1)
    await bench.clock.advance(100 * DAY_MS)
    await prune(alice.context)
    assert.deepEqual(
      onlyState(alice.context).sessions.map(({ id }) => id),
      [session.id]
    )
  })

  it('leaves no key of a session that is gone, and takes none from one that is there', async () => {
    const { contact, sessions } = onlyState(alice.context)
    const other = { ...sessions[0], id: new Uint8Array(32).fill(3), skippedCount: 1 }
    const [kept, gone] = [random(16), random(16)]
    await skip(2, 0)
    await step(bench, alice.context, contact.id, (unit) => {
      const [session] = unit.state?.sessions ?? []
      if (unit.state === undefined || session === undefined) return
      unit.state = withSession(unit.state, { ...session, ...other })
      for (const [id, tag] of [
        [session.id, kept],
        [other.id, gone]
      ] as const) {
        const record = skippedRecord.encode({ key: random(32), keptAt: bench.clock.now() - 90 * DAY_MS })
        unit.put(alice.context.tables.skipped(contact.id, id, tag), record)
        alice.context.tags.addSkipped(contact.id, id, tag)
      }
    })
    assert.equal(await count('skipped/'), 4)
    await step(bench, alice.context, contact.id, (unit) => {
      if (unit.state === undefined) return
      const left = unit.state.sessions.filter(({ id }) => id !== other.id)
      unit.state = { ...unit.state, sessions: left }
    })
    await bench.run(alice.context.queue.idle())
    assert.equal(await count('skipped/'), 3)
    assert.deepEqual(
      [kept, gone].map((tag) => alice.context.tags.find(tag)?.kind),
      ['skipped', undefined]
    )
  })

  it('forgets accepted hellos and seen envelopes when nobody could use them again', async () => {
    assert.deepEqual([await count('hello/'), (await count('seen/')) > 0], [1, true])
    await bench.clock.advance(60 * DAY_MS)
    await prune(alice.context)
    assert.deepEqual([await count('hello/'), await count('seen/')], [1, 0])
    await bench.clock.advance(60 * DAY_MS)
    await prune(alice.context)
    assert.equal(await count('hello/'), 0)
  })

  it('tells who looks after the messenger that no room could be made', async () => {
    const { context, warnings } = alice
    context.store.range = () => {
      throw new Error('no disk')
    }
    makeRoom(context, onlyState(context).contact.id)
    await bench.clock.advance(100)
    assert.ok(warnings.some((warning) => warning.includes('"prune"') && warning.includes('no disk')))
  })
})

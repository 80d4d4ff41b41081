import assert from 'node:assert/strict'
import { Mailbox } from '../../../src/messenger/carry/mailbox.js'
import { releaseTime } from '../../../src/protocol/delivery/purge.js'
import { tagOfPurge } from '../../../src/protocol/ratchet/kdf.js'
import {
  encodePrefix,
  expiryDay,
  LANE_TAGGED,
  outlineEnvelope
} from '../../../src/protocol/envelope/envelope.js'
import { DAY_MS, MAX_KNOWN, MAX_RELEASE_WAIT } from '../../../src/protocol/limits.js'
import { envelopeId, type Item } from '../../../src/protocol/sync/item.js'
import { keysUnder, Tables } from '../../../src/storage/records/tables.js'
import { createMemoryStore } from '../../../src/index.js'
import type { Store } from '../../../src/storage/store.js'
import { createVirtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.js'
import { countOf } from '../../support/messenger-count.js'
import { seededRandom } from '../../support/store-random.js'

const QUOTA = 64 * 512

describe('messenger/mailbox', () => {
  const random = seededRandom('mailbox')
  const tables = new Tables((_, id) => id)
  let clock: VirtualClock
  let store: Store
  let mailbox: Mailbox

  function create(quota = QUOTA, maxKnown = MAX_KNOWN): Mailbox {
    return new Mailbox({
      store,
      tables,
      clock,
      quota,
      maxKnown,
      onFailure: (error) => assert.fail(String(error))
    })
  }

  beforeEach(() => {
    clock = createVirtualClock()
    store = createMemoryStore()
    mailbox = create()
  })

  function envelopeWith(tag: Uint8Array, lifetime = 7 * DAY_MS): Uint8Array {
    const envelope = new Uint8Array(512)
    envelope.set(encodePrefix(LANE_TAGGED, expiryDay(clock.now(), lifetime), tag))
    envelope.set(random(32), 100)
    return envelope
  }

  /** Have the mailbox take an envelope; where it is, and whether it was taken. */
  function take(
    envelope: Uint8Array,
    source = 'peer',
    standing: 'stranger' | 'contact' = 'stranger'
  ): Item | undefined {
    const outlined = outlineEnvelope(envelope, clock.now())
    assert.ok(outlined.kind === 'outlined')
    const id = envelopeId(envelope)
    const item = { day: outlined.outline.expiryDay, id }
    return mailbox.take(outlined.outline, id, source, standing) ? item : undefined
  }

  function mustTake(envelope: Uint8Array, source?: string, standing?: 'stranger' | 'contact'): Item {
    const item = take(envelope, source, standing)
    assert.ok(item !== undefined)
    return item
  }

  function isKnown(item: Item): boolean {
    return mailbox.index.find(item) !== undefined
  }

  async function reopen(): Promise<void> {
    await mailbox.close()
    mailbox = create()
    await mailbox.load(clock.now())
  }

  it('keeps nothing while it rests, knows what passed, and forgets that when it is awake', async () => {
    const [kept, passed] = [envelopeWith(random(16)), envelopeWith(random(16))]
    const first = mustTake(kept)
    mailbox.rest(true)
    const { version } = mailbox
    const item = mustTake(passed)
    const carries = (): boolean => mailbox.isCarrier
    assert.equal(carries(), false)
    assert.equal(take(passed), undefined, 'it is fetched once')
    assert.deepEqual([await mailbox.read(item), await mailbox.read(first)], [undefined, kept])
    assert.equal(mailbox.status().foreign, 1)
    mailbox.rest(false)
    assert.ok(carries() && mailbox.version > version)
    assert.deepEqual([isKnown(item), isKnown(first)], [false, true])
    mustTake(passed)
    await reopen()
    assert.deepEqual(await mailbox.read(item), passed)
  })

  it('has without room nothing to forget when it is awake again: what passed meanwhile is fetched once', () => {
    mailbox = create(0)
    mailbox.rest(true)
    const passed = envelopeWith(random(16))
    const item = mustTake(passed)
    mailbox.rest(false)
    assert.ok(isKnown(item))
    assert.equal(take(passed), undefined)
  })

  it('knows no more ids than it may, whatever strangers send; forgets theirs first, and takes what it forgot again', () => {
    mailbox = create(0, 64)
    const first = envelopeWith(random(16))
    const forgotten = mustTake(first)
    const ofContact = mustTake(envelopeWith(random(16), DAY_MS), 'friend', 'contact')
    for (let n = 0; n < 1_000; n++) {
      mustTake(envelopeWith(random(16), (8 + (n % 20)) * DAY_MS))
      assert.ok(mailbox.status().envelopes <= 64)
    }
    assert.deepEqual([isKnown(forgotten), isKnown(ofContact)], [false, true])
    mustTake(first)
  })

  it('knows no more while it rests, and what it let go of no longer than that', async () => {
    mailbox = create(16 * 512, 32)
    mailbox.rest(true)
    for (let n = 0; n < 200; n++) mustTake(envelopeWith(random(16)))
    assert.ok(mailbox.status().envelopes <= 32)
    mailbox.rest(false)
    assert.equal(mailbox.status().envelopes, 0)
    for (let n = 0; n < 200; n++) mustTake(envelopeWith(random(16)))
    assert.ok(mailbox.status().envelopes <= 16 + 32)
    await mailbox.flush()
    assert.equal(await countOf(store.range(keysUnder('envelope/'))), mailbox.status().foreign)
  })

  it('reads at a start, and keeps in the store, no more of them than that; what has arrived is refused all the same', async () => {
    mailbox = create(8 * 512, 32)
    const secret = random(16)
    const arrived = envelopeWith(tagOfPurge(secret))
    mustTake(arrived)
    assert.ok(mailbox.purge(secret))
    for (let n = 0; n < 600; n++) {
      mustTake(envelopeWith(random(16)))
      await mailbox.flush()
    }
    const noted = async (): Promise<number> => {
      let bytes = 0
      for await (const [, value] of store.range(keysUnder('mailbox/'))) bytes += value.length
      return bytes
    }
    const unmerged = create(8 * 512, 32)
    await unmerged.load(clock.now())
    assert.ok(unmerged.status().envelopes <= 8 + 32)
    const before = await noted()
    await mailbox.mergeRecords()
    const after = await noted()
    assert.ok(after < 48 * 100 && before > 600 * 90, `${String(before)} bytes, then ${String(after)}`)
    const { foreign } = mailbox.status()
    await mailbox.close()
    mailbox = create(8 * 512, 32)
    await mailbox.load(clock.now())
    assert.equal(mailbox.status().foreign, foreign)
    assert.ok(mailbox.status().envelopes <= 8 + 32)
    assert.equal(take(arrived), undefined)
    await mailbox.expire(clock.now() + 30 * DAY_MS)
    assert.equal(await countOf(store.range({})), 0)
  })

  it('keeps an envelope once, before it is written, while and after, and over a restart', async () => {
    const envelope = envelopeWith(random(16))
    const item = mustTake(envelope)
    assert.equal(take(envelope), undefined)
    assert.deepEqual(await mailbox.read(item), envelope)
    const flushed = mailbox.flush()
    assert.deepEqual(await mailbox.read(item), envelope)
    await flushed
    assert.deepEqual(await mailbox.read(item), envelope)
    const before = mailbox.status()
    await reopen()
    assert.deepEqual(await mailbox.read(item), envelope)
    assert.deepEqual([mailbox.status(), mailbox.index.size], [before, 1])
  })

  it('writes by itself, many in one commit', async () => {
    let commits = 0
    const commit = store.commit.bind(store)
    store.commit = async (writes) => {
      commits++
      await commit(writes)
    }
    for (let n = 0; n < 20; n++) mustTake(envelopeWith(random(16)))
    await clock.advance(1_000)
    assert.equal(commits, 1)
    assert.equal(await countOf(store.range({ gte: 'envelope/', lt: 'envelope0' })), 20)
  })

  it('finds envelopes by tag, and by the beginning of an id', () => {
    const tag = random(16)
    const item = mustTake(envelopeWith(tag))
    assert.deepEqual(mailbox.withTag(tag), [item])
    assert.ok(mailbox.hasTag(tag) && mailbox.isOnly(tag))
    mustTake(envelopeWith(tag))
    assert.ok(mailbox.hasTag(tag) && !mailbox.isOnly(tag))
    assert.ok(mailbox.hasShortId(item.id.subarray(0, 16)))
  })

  it('stays within its quota: the greedy make room, and what made room is known and not kept', async () => {
    const honest = mustTake(envelopeWith(random(16)), 'honest', 'contact')
    const few = mustTake(envelopeWith(random(16)), 'modest')
    for (let n = 0; n < 500; n++) mustTake(envelopeWith(random(16)), 'mallory')
    await mailbox.flush()
    const { bytes, envelopes } = mailbox.status()
    assert.ok(bytes <= QUOTA, String(bytes))
    assert.equal(envelopes, 502)
    for (const item of [honest, few]) assert.ok((await mailbox.read(item)) !== undefined)
    assert.equal(mailbox.isCarrier, false, 'who has let go of some does not say that it holds all')
    assert.ok((await countOf(store.range({ gte: 'envelope/', lt: 'envelope0' }))) <= 64)
    const before = mailbox.status()
    await reopen()
    assert.deepEqual([mailbox.status(), mailbox.isCarrier], [before, false])
  })

  it('says again that it holds all, when what it let go of has expired', async () => {
    for (let n = 0; n < 100; n++) mustTake(envelopeWith(random(16), 2 * DAY_MS), 'mallory')
    assert.equal(mailbox.isCarrier, false)
    await clock.advance(4 * DAY_MS)
    await mailbox.expire(clock.now())
    assert.ok(mailbox.isCarrier)
    mustTake(envelopeWith(random(16)))
    assert.ok(mailbox.isCarrier)
  })

  it('holds as many as there is room for, however few those are', async () => {
    mailbox = create(20 * 512)
    for (let n = 0; n < 100; n++) mustTake(envelopeWith(random(16)), `peer ${String(n)}`)
    await mailbox.flush()
    assert.equal(mailbox.status().bytes, 20 * 512)
  })

  it('knows ids alone where nothing is to be kept', async () => {
    mailbox = create(0)
    const item = mustTake(envelopeWith(random(16)))
    await mailbox.flush()
    assert.ok(isKnown(item) && !mailbox.isCarrier)
    assert.deepEqual([await mailbox.read(item), mailbox.bytesOf(item)], [undefined, 0])
    assert.equal(await countOf(store.range({})), 0)
  })

  it('lets go of what has arrived, and refuses it from then on, over a restart too', async () => {
    const secret = random(16)
    const envelope = envelopeWith(tagOfPurge(secret))
    const item = mustTake(envelope)
    await mailbox.flush()
    assert.equal(mailbox.purge(random(16)), false, 'a secret of nothing here')
    assert.ok(mailbox.purge(secret))
    for (let life = 0; life < 2; life++) {
      assert.ok(!isKnown(item) && take(envelope) === undefined)
      assert.deepEqual(mailbox.purged.ofId(item.id), secret)
      await reopen()
    }
    assert.equal(await countOf(store.range({ gte: 'envelope/', lt: 'envelope0' })), 0)
  })

  it('tells of an arrival later, at a time that a restart does not change', async () => {
    const secret = random(16)
    const item = mustTake(envelopeWith(tagOfPurge(secret)))
    const released = [{ item, secret, dueAt: releaseTime(clock.now(), random) }]
    await store.commit(mailbox.releaseWrites(released))
    mailbox.release(released)
    mailbox.releaseDue(clock.now())
    await reopen()
    mailbox.releaseDue(clock.now() + 59_000)
    assert.ok(isKnown(item))
    mailbox.releaseDue(clock.now() + MAX_RELEASE_WAIT)
    assert.ok(!isKnown(item))
    assert.deepEqual(mailbox.purged.newsAfter(0, 10).secrets, [secret])
  })

  it('forgets what has expired, with every record of it', async () => {
    mustTake(envelopeWith(random(16), DAY_MS))
    const lasting = mustTake(envelopeWith(random(16), 9 * DAY_MS))
    await mailbox.flush()
    await mailbox.expire(clock.now() + 4 * DAY_MS)
    assert.deepEqual([mailbox.status().envelopes, isKnown(lasting)], [1, true])
    await mailbox.expire(clock.now() + 30 * DAY_MS)
    assert.equal(await countOf(store.range({})), 0)
  })

  it('sweeps what no record speaks of when its day is over, and nothing before', async () => {
    const items = [1, 7, 7].map((days) => mustTake(envelopeWith(random(16), days * DAY_MS)))
    await mailbox.flush()
    // Damaged: what they spoke of is not known any more.
    for await (const [key] of store.range(keysUnder(tables.mailbox)))
      await store.commit([{ type: 'delete', key }])
    await reopen()
    assert.ok(!items.some(isKnown))
    const counts: number[] = []
    for (const days of [1, 3, 4, 10]) {
      await mailbox.expire(clock.now() + days * DAY_MS)
      counts.push(await countOf(store.range({})))
    }
    assert.deepEqual(counts, [3, 2, 2, 0])
  })

  it('deletes later what has expired when the store fails meanwhile', async () => {
    mustTake(envelopeWith(random(16), DAY_MS))
    await mailbox.flush()
    const { commit } = store
    store.commit = () => Promise.reject(new Error('full'))
    await assert.rejects(mailbox.expire(clock.now() + 30 * DAY_MS))
    store.commit = commit
    await mailbox.expire(clock.now() + 30 * DAY_MS)
    assert.equal(await countOf(store.range({})), 0)
  })

  it('knows what made room while it was read', async () => {
    const item = mustTake(envelopeWith(random(16)))
    await mailbox.flush()
    const { get } = store
    store.get = async (key) => {
      store.get = get
      while (mailbox.bytesOf(item) > 0) mustTake(envelopeWith(random(16)))
      await mailbox.flush()
      return await store.get(key)
    }
    assert.equal(await mailbox.read(item), undefined)
    assert.ok(isKnown(item))
  })

  it('forgets an envelope whose record is gone, so that it may come again', async () => {
    const envelope = envelopeWith(random(16))
    const item = mustTake(envelope)
    await mailbox.flush()
    await store.commit([{ type: 'delete', key: tables.envelope(item.day, item.id) }])
    const { version } = mailbox
    assert.equal(await mailbox.read(item), undefined)
    assert.ok(!isKnown(item) && mailbox.version > version, 'others are asked for it')
    await reopen()
    assert.ok(!isKnown(item))
    mustTake(envelope)
    await reopen()
    assert.deepEqual(await mailbox.read(item), envelope)
  })

  it('notes later what could not be written, and takes again what was lost', async () => {
    const [secret, other] = [random(16), envelopeWith(random(16))]
    const arrived = mustTake(envelopeWith(tagOfPurge(secret)))
    await mailbox.flush()
    const { commit } = store
    store.commit = () => Promise.reject(new Error('full'))
    mailbox.purge(secret)
    const lost = mustTake(other)
    const { version } = mailbox
    await assert.rejects(mailbox.flush())
    assert.ok(!isKnown(lost) && mailbox.version > version)
    store.commit = commit
    mustTake(other)
    await mailbox.flush()
    await reopen()
    assert.deepEqual([isKnown(arrived), isKnown(lost)], [false, true])
    assert.deepEqual(mailbox.purged.ofId(arrived.id), secret)
    assert.equal(await countOf(store.range({ gte: 'envelope/', lt: 'envelope0' })), 1)
  })

  it('gives up a part when the store is full', async () => {
    for (let n = 0; n < 40; n++) mustTake(envelopeWith(random(16)))
    await mailbox.flush()
    mailbox.relieve()
    // The store is still full: nothing has become free, so nothing more is given up for it.
    mailbox.relieve()
    await mailbox.flush()
    assert.equal(mailbox.status().bytes, 30 * 512)
  })

  it('keeps one own envelope of a kind, the newest, and the ids of those before', async () => {
    const [first, second] = [envelopeWith(random(16)), envelopeWith(random(16))]
    const day = expiryDay(clock.now(), 7 * DAY_MS)
    const [one, other] = [first, second].map((envelope) => ({ day, id: envelopeId(envelope) }))
    assert.ok(one && other)
    const [kept, newer] = [
      { item: one, tag: random(16), envelope: first, recipient: 'bob' },
      { item: other, tag: random(16), envelope: second, recipient: 'bob' }
    ]
    await store.commit(mailbox.ownWrites(kept, undefined))
    mailbox.keepOwn(kept, undefined)
    await store.commit(mailbox.ownWrites(newer, one))
    mailbox.keepOwn(newer, one)
    assert.deepEqual([await mailbox.read(one), await mailbox.read(other)], [undefined, second])
    assert.ok(isKnown(one))
    assert.deepEqual([mailbox.ownTo('bob'), mailbox.ownTo('carol')], [[other], []])
    await reopen()
    assert.deepEqual([mailbox.ownTo('bob'), mailbox.ownTo('carol')], [[other], []])
    assert.deepEqual(
      [await mailbox.read(one), await mailbox.read(other), mailbox.isCarrier],
      [undefined, second, true]
    )
  })
})

import assert from 'node:assert/strict'
import type { Network, PeerStream } from '../../../src/network/network.js'
import { compareBytes } from '../../../src/protocol/compare-bytes.js'
import { SyncRun, type SyncParts } from '../../../src/messenger/carry/sync-run.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import {
  MAX_ENVELOPE_BYTES,
  STRANGER_BUDGET,
  SYNC_SALTED_ITEMS,
  SYNC_CREDIT,
  SYNC_UNREAD
} from '../../../src/protocol/limits.js'
import {
  decodeFrame,
  encodeFrame,
  RECONCILE_PROTOCOL,
  type SyncFrame
} from '../../../src/protocol/sync/frames.js'
import { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { envelopeId } from '../../../src/protocol/sync/item.js'
import { decodeRanges } from '../../../src/protocol/sync/range-message.js'
import { openSync } from '../../../src/protocol/sync/session.js'
import {
  createBench,
  fillMailboxes,
  friends,
  onlyState,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'
import { createRecorder } from '../../support/network-recorder.js'
import { seededRandom } from '../../support/store-random.js'

describe('messenger/sync-run', () => {
  const random = seededRandom('sync-run')
  let bench: Bench
  let alice: BenchNode
  let mallory: Network
  let stream: PeerStream
  /** Alice's latest message that names ids. */
  let answer: Uint8Array

  beforeEach(async () => {
    bench = createBench()
    ;[alice] = await friends(bench)
    mallory = bench.hub.createNetwork('mallory')
    mallory.join(alice.context.topic)
    await mallory.start(createRecorder().handlers)
    await bench.clock.advance(20_000)
    stream = await bench.run(mallory.openStream('alice', RECONCILE_PROTOCOL))
  })

  afterEach(async () => {
    await bench.run(mallory.stop())
  })

  function fill(count: number, size?: number): void {
    fillMailboxes(bench, [alice], random, count, size)
  }

  function parts(): SyncParts {
    return {
      context: alice.context,
      admit: () => Promise.resolve([]),
      fetching: new Set(),
      allowance: () => Infinity,
      spend: () => undefined,
      takesSalt: () => true,
      told: new Map(),
      onFresh: () => undefined
    }
  }

  const say = (frame: SyncFrame): Promise<void> => stream.send(encodeFrame(frame))

  async function hear(): Promise<SyncFrame> {
    const frame = await bench.run(stream.receive())
    const decoded = frame === undefined ? undefined : decodeFrame(frame)
    assert.ok(decoded !== undefined)
    return decoded
  }

  /** Say hello with nothing, and have all of alice's ids named. */
  async function askForAll(carrier = true): Promise<number> {
    await stream.send(openSync(new ItemIndex(), carrier).frame)
    assert.equal((await hear()).kind, 'hello')
    return await nameAll()
  }

  /** How long alice's message is that names her ids. */
  async function nameAll(): Promise<number> {
    // An empty list of everything: whatever alice has is lacked.
    await say({ kind: 'ranges', message: Uint8Array.of(0x80, 0x80, 4, 0, 2, 0, 0) })
    const frame = await hear()
    assert.ok(frame.kind === 'ranges')
    answer = frame.message
    return answer.length
  }

  function idsIn(message: Uint8Array): number {
    const ranges = decodeRanges(message) ?? []
    return ranges.reduce((sum, range) => sum + (range.kind === 'answer' ? range.ids.length : 0), 0)
  }

  it('compares in longer messages when answers come as soon as they can, over a long way too', async () => {
    fill(4_000)
    bench.hub.disturb({ delay: [700, 700] })
    const lengths = [await askForAll()]
    for (let n = 0; n < 3; n++) lengths.push(await nameAll())
    for (const [n, length] of lengths.slice(1).entries())
      assert.ok(length > 1.5 * (lengths[n] ?? 0), lengths.join(' '))
  })

  it('gives no more than it has credit for, until something is stored', async () => {
    fill(30, 32_768)
    await askForAll()
    await say({ kind: 'want', numbers: Array.from({ length: 30 }, (_, n) => n) })
    let bytes = 0
    void (async () => {
      for (;;) {
        const frame = decodeFrame((await stream.receive()) ?? new Uint8Array(0))
        if (frame?.kind !== 'give') return
        for (const { envelope } of frame.given) bytes += envelope?.length ?? 0
      }
    })().catch(() => undefined)
    await bench.clock.advance(5_000)
    assert.ok(bytes <= SYNC_CREDIT && bytes > SYNC_CREDIT - 32_768, String(bytes))
  })

  it('makes no frame longer than one may be, however much of what it named is gone', async () => {
    fill(900)
    const { mailbox } = alice.context
    // What was given away most often goes first: every fourth.
    for (let at = 0; at < mailbox.index.size; at += 4) mailbox.forwarded(mailbox.index.itemAt(at))
    mailbox.relieve()
    await askForAll()
    // Until frames are as long as they become.
    let first = 0
    for (let times = 0; times < 4; times++) {
      first += idsIn(answer)
      await nameAll()
    }
    assert.equal(idsIn(answer), mailbox.index.size)
    const wanted = Array.from({ length: idsIn(answer) }, (_, n) => first + n)
    await say({ kind: 'want', numbers: wanted })
    const answered: number[] = []
    while (answered.length < wanted.length) {
      const frame = await hear()
      if (frame.kind !== 'give') continue
      answered.push(...frame.given.map(({ number }) => number))
      await say({
        kind: 'took',
        bytes: frame.given.reduce((sum, { envelope }) => sum + (envelope?.length ?? 0), 0)
      })
    }
    assert.deepEqual(
      answered.sort((one, other) => one - other),
      wanted
    )
  })

  it('gives what is pressing of its own first, whatever it was asked for first', async () => {
    const { conversation } = onlyState(alice.context)
    bench.hub.disturb({ loss: 1 })
    fill(60)
    await bench.run(sendMessage(alice.context, conversation.id, 'routine'))
    await bench.run(sendMessage(alice.context, conversation.id, 'now', { priority: 'emergency' }))
    const emergency = [...alice.context.outbox.all()].find(({ priority }) => priority === 'emergency')
    assert.ok(emergency?.item !== undefined)
    await askForAll()
    const { size } = alice.context.mailbox.index
    await say({ kind: 'want', numbers: Array.from({ length: size }, (_, n) => n) })
    const frame = await hear()
    assert.ok(frame.kind === 'give')
    const ids = frame.given.map(({ envelope }) => envelopeId(envelope ?? new Uint8Array(0)))
    const place = ids.findIndex((id) => compareBytes(id, emergency.item?.id ?? id) === 0)
    assert.ok(
      place >= 0 && place < 2,
      `${String(place)} of ${String(size)}, behind what it needs to be recognised`
    )
  })

  for (const carrier of [true, false]) {
    it(`takes a peer that carries ${carrier ? 'for others to hold' : 'nothing not to hold'} what it has stored`, async () => {
      bench.hub.disturb({ loss: 1 })
      await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'mine'))
      const [entry] = alice.context.outbox.all()
      await askForAll(carrier)
      const { size } = alice.context.mailbox.index
      await say({ kind: 'want', numbers: Array.from({ length: size }, (_, n) => n) })
      const frame = await hear()
      assert.ok(frame.kind === 'give')
      const bytes = frame.given.reduce((sum, { envelope }) => sum + (envelope?.length ?? 0), 0)
      await say({ kind: 'took', bytes })
      await bench.clock.advance(1_000)
      assert.deepEqual([...(entry?.holders ?? [])], carrier ? ['mallory'] : [])
    })
  }

  /** Ask for so many large envelopes, and say at once that what came is stored; the bytes that came within ten seconds, or all there are. */
  async function takeGreedily(count: number): Promise<number> {
    const all = count * MAX_ENVELOPE_BYTES
    fill(count, MAX_ENVELOPE_BYTES)
    await askForAll()
    const { size } = alice.context.mailbox.index
    await say({ kind: 'want', numbers: Array.from({ length: size }, (_, n) => n) })
    let bytes = 0
    const start = bench.clock.now()
    while (bench.clock.now() - start < 10_000 && bytes < all) {
      const frame = await hear()
      if (frame.kind !== 'give') continue
      const given = frame.given.reduce((sum, { envelope }) => sum + (envelope?.length ?? 0), 0)
      bytes += given
      await say({ kind: 'took', bytes: given })
    }
    return bytes
  }

  it('gives a stranger no more than its budget, however fast it stores', async () => {
    const bytes = await takeGreedily(200)
    assert.ok(bytes <= STRANGER_BUDGET * 1.25, String(bytes))
  })

  it('gives the same peer all there is where it is a contact, who has no budget', async () => {
    alice.context.state.contactPeers = new Set(['mallory'])
    const bytes = await takeGreedily(200)
    assert.ok(bytes >= 200 * MAX_ENVELOPE_BYTES, String(bytes))
  })

  /** How many of so many sessions with a salt, one after the other, were answered. */
  async function openSalted(count: number): Promise<number> {
    let answered = 0
    for (let n = 0; n < count; n++) {
      stream.abort()
      await bench.clock.advance(10)
      stream = await bench.run(mallory.openStream('alice', RECONCILE_PROTOCOL))
      await stream.send(openSync(new ItemIndex(), true, random(16)).frame)
      const isAnswered = await bench.run(stream.receive()).then(
        (frame) => frame !== undefined,
        () => false
      )
      if (isAnswered) answered++
    }
    return answered
  }

  it('hashes no more for the salts of strangers than it may within a minute, and whatever contacts ask', async () => {
    fill(6_000)
    const most = Math.floor(SYNC_SALTED_ITEMS / alice.context.mailbox.index.size)
    const start = bench.clock.now()
    const answered = await openSalted(most + 15)
    const later = Math.ceil((most * (bench.clock.now() - start)) / 60_000)
    assert.ok(
      answered >= most && answered <= most + later && later < 15,
      `${String(answered)} of ${String(most)}`
    )
    alice.context.state.contactPeers = new Set(['mallory'])
    assert.equal(await openSalted(5), 5)
    alice.context.state.contactPeers = new Set()
    await bench.clock.advance(60_000)
    assert.equal(await openSalted(1), 1)
  })

  /** Counts the envelopes that are durable; `meanwhile` runs in the midst of the next commit. */
  function countDurable(meanwhile: () => void): () => number {
    const { store } = alice.context
    const commit = store.commit.bind(store)
    const before = alice.context.mailbox.index.size
    let durable = before
    let interfere = meanwhile
    store.commit = async (writes) => {
      interfere()
      interfere = () => undefined
      await commit(writes)
      durable += writes.filter(({ type, key }) => type === 'put' && key.startsWith('envelope/')).length
    }
    return () => durable
  }

  it('says that it has what came while the rest was written only when that is durable, too', async () => {
    await bench.clock.advance(1_000)
    const durable = countDurable(() => fill(1))
    fill(1)
    await stream.send(openSync(new ItemIndex(), true).frame)
    const hello = await hear()
    assert.ok(hello.kind === 'hello')
    assert.ok(hello.size > 1)
    assert.equal(durable(), hello.size)
  })

  it('opens a session with what is durable', async () => {
    await bench.clock.advance(1_000)
    const durable = countDurable(() => undefined)
    fill(3)
    const said = new Promise<Uint8Array>((resolve) => {
      const ear: PeerStream = {
        peer: 'mallory',
        send: async (frame) => {
          resolve(frame)
          return Promise.resolve()
        },
        receive: async () => new Promise(() => undefined),
        close: async () => Promise.resolve(),
        abort: () => undefined
      }
      void new SyncRun(parts(), ear, 'opener').run()
    })
    const hello = decodeFrame(await bench.run(said))
    assert.ok(hello?.kind === 'hello')
    assert.ok(hello.size >= 3)
    assert.equal(durable(), hello.size)
  })

  it('gives up a peer that says nothing more', async () => {
    await askForAll()
    const ended = assert.rejects(stream.receive())
    await bench.clock.advance(60_000)
    await ended
  })

  it('gives up a peer that reads nothing of what it is told', async () => {
    // Where the other side reads nothing, what is sent waits until the stream ends.
    let end: (error: Error) => void = () => undefined
    const broken = new Promise<never>((_, reject) => (end = reject))
    broken.catch(() => undefined)
    const unread: PeerStream = {
      peer: 'mallory',
      send: () => broken,
      receive: () => broken,
      close: () => broken,
      abort: () => {
        end(new Error('aborted'))
      }
    }
    const run = new SyncRun(parts(), unread, 'opener').run()
    const rejected = assert.rejects(run, /aborted/)
    await bench.clock.advance(SYNC_UNREAD)
    await rejected
  })

  it('ends with a peer that gives what nobody asked for', async () => {
    await askForAll()
    await say({ kind: 'give', given: [{ number: 0, envelope: new Uint8Array(512) }] })
    await assert.rejects(bench.run(stream.receive()))
    assert.ok(alice.context.state.started)
  })
})

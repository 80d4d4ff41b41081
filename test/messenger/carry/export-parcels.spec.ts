import assert from 'node:assert/strict'
import { parseIdentityId } from '../../../src/codec/ids.js'
import { exportParcels } from '../../../src/messenger/carry/export-parcels.js'
import type { Context } from '../../../src/messenger/context.js'
import type { ExportOptions, ExportReport } from '../../../src/messenger/messenger.js'
import { outlineEnvelope } from '../../../src/protocol/envelope/envelope.js'
import { compareItems, envelopeId, type Item } from '../../../src/protocol/sync/item.js'
import { tagOfPurge } from '../../../src/protocol/ratchet/kdf.js'
import { beginReading, readOn, type FilePart } from '../../../src/protocol/sync/parcel-file.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'
import { seeded } from '../../support/protocol-values.js'

const random = seeded(71)

/** Some envelope of a stranger, of this many bytes, that expires on this day. */
function foreign(day: number, bytes = 512): Uint8Array {
  const envelope = random(bytes)
  envelope.set([1, 0, day >> 8, day & 0xff])
  return envelope
}

function carry(bench: Bench, { context }: BenchNode, envelope: Uint8Array): void {
  const outlined = outlineEnvelope(envelope, bench.clock.now())
  if (outlined.kind === 'outlined')
    context.mailbox.take(outlined.outline, envelopeId(envelope), 'somebody', 'stranger')
}

async function exported(
  context: Context,
  options: ExportOptions = {}
): Promise<{ file: Uint8Array; report: ExportReport; parts: readonly FilePart[]; items: Item[] }> {
  const pieces: Uint8Array[] = []
  const report = await exportParcels(
    context,
    async (source) => {
      for await (const piece of source) pieces.push(piece)
    },
    options
  )
  const file = Buffer.concat(pieces)
  const step = readOn(beginReading('main'), file)
  assert.ok(step.kind === 'read')
  const envelopes = step.parts.flatMap((part) => (part.kind === 'envelopes' ? part.envelopes : []))
  const items = envelopes.map((bytes) => {
    const outlined = outlineEnvelope(bytes, context.clock.now())
    return { day: outlined.kind === 'outlined' ? outlined.outline.expiryDay : 0, id: envelopeId(bytes) }
  })
  assert.deepEqual(step.parts.at(-1), { kind: 'end', isWhole: true })
  return { file, report, parts: step.parts, items }
}

function today(bench: Bench): number {
  return Math.floor(bench.clock.now() / 86_400_000)
}

describe('messenger/export-parcels', () => {
  it('writes everything carried in the order of reconciliation, piece by piece', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    for (let n = 0; n < 100; n++) carry(bench, alice, foreign(today(bench) + (n % 5), 1024))
    const { report, items, parts, file } = await exported(alice.context)
    assert.deepEqual([report.envelopes, report.bytes, report.left], [100, file.length, 0])
    assert.deepEqual(items, items.toSorted(compareItems))
    assert.equal(items.length, 100)
    assert.ok(parts.length > 5)
  })

  it('keeps its place while the mailbox changes under it', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    const envelopes = Array.from({ length: 60 }, () => foreign(today(bench) + 3, 4096))
    for (const envelope of envelopes) carry(bench, alice, envelope)
    const { items } = await exported(alice.context, {
      onProgress: () => {
        for (const day of [6, 1]) carry(bench, alice, foreign(today(bench) + day))
      }
    })
    const before = items.filter(({ day }) => day === today(bench) + 3)
    assert.equal(new Set(before.map(({ id }) => Buffer.from(id).toString('hex'))).size, 60)
    assert.equal(before.length, 60)
    assert.deepEqual(items, items.toSorted(compareItems))
  })

  it('writes what has arrived as secrets, unless the file is for one contact', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    const secret = random(16)
    const envelope = foreign(today(bench) + 2)
    envelope.set(tagOfPurge(secret), 4)
    carry(bench, alice, envelope)
    assert.ok(alice.context.mailbox.purge(secret))
    const { parts } = await exported(alice.context)
    assert.deepEqual(
      parts.map((part) => part.kind),
      ['secrets', 'end']
    )
    assert.deepEqual((await exported(alice.context, { maxBytes: 1000 })).parts.length, 1)
  })

  it('leaves out what does not fit, and says how much that is', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    for (let n = 0; n < 30; n++) carry(bench, alice, foreign(today(bench) + 1))
    for (const maxBytes of [100, 700, 2_000, 8_192, 100_000]) {
      const { file, report } = await exported(alice.context, { maxBytes })
      assert.ok(file.length <= Math.max(maxBytes, 59))
      assert.equal(report.envelopes + report.left, 30)
      assert.equal(report.envelopes, Math.min(30, Math.floor((maxBytes - 59) / 529)))
    }
  })

  it('gives the little room there is to what is pressing', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    for (const { node } of [alice, bob]) await bench.run(node.stop())
    const { conversation, contact } = onlyState(alice.context)
    for (const priority of ['emergency', 'urgent', 'routine'] as const)
      await bench.run(sendMessage(alice.context, conversation.id, priority, { priority }))
    const pressing = [...alice.context.outbox.of(contact.id).values()]
      .filter(({ priority }) => priority !== 'routine')
      .map(({ item }) => item)
    for (const options of [{ contactId: contact.id }, {}]) {
      const { items, report } = await exported(alice.context, { ...options, maxBytes: 1_700 })
      assert.ok(report.left > 0)
      for (const item of pressing) assert.ok(items.some((one) => item && compareItems(one, item) === 0))
    }
  })

  it('stops when told to, and rejects with what the sink rejects with', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    carry(bench, alice, foreign(today(bench) + 1))
    const signal = AbortSignal.abort()
    await assert.rejects(exported(alice.context, { signal }), { code: 'ABORTED' })
    const full = new Error('no space left on device')
    await assert.rejects(
      exportParcels(alice.context, () => Promise.reject(full), {}),
      full
    )
  })

  it('ends when it is aborted while the sink takes nothing', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    const aborter = new AbortController()
    const exporting = exportParcels(
      alice.context,
      async (pieces) => {
        await pieces[Symbol.asyncIterator]().next()
        aborter.abort()
        await new Promise(() => undefined)
      },
      { signal: aborter.signal }
    )
    await assert.rejects(exporting, { code: 'ABORTED' })
  })

  it('refuses a contact it does not know, and a size that is none', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    for (const maxBytes of [-1, Number.NaN])
      await assert.rejects(exported(alice.context, { maxBytes }), { code: 'OPTIONS_INVALID' })
    const contactId = parseIdentityId('a'.repeat(32))
    assert.ok(contactId !== undefined)
    await assert.rejects(exported(alice.context, { contactId }), { code: 'UNKNOWN_CONTACT' })
  })

  it('is no export when the sink ends before it has taken all: nobody would miss the rest', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    const takeNone = (): Promise<void> => Promise.resolve()
    const takeOne = async (pieces: AsyncIterable<Uint8Array>): Promise<unknown> =>
      await pieces[Symbol.asyncIterator]().next()
    for (const sink of [() => undefined, takeNone, takeOne])
      for (const options of [{}, { signal: new AbortController().signal }])
        await assert.rejects(
          async () => {
            await Reflect.apply(exportParcels, undefined, [alice.context, sink, options])
          },
          { code: 'OPTIONS_INVALID', message: /before it had taken all/ }
        )
  })
})

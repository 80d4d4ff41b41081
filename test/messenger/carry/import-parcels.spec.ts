import assert from 'node:assert/strict'
import { importParcels } from '../../../src/messenger/carry/import-parcels.js'
import type { Context } from '../../../src/messenger/context.js'
import type { ImportOptions, ImportReport, ParcelSource } from '../../../src/messenger/messenger.js'
import { FILE_BATCH, MAX_SYNC_FRAME } from '../../../src/protocol/limits.js'
import { tagOfPurge } from '../../../src/protocol/ratchet/kdf.js'
import { beginWriting, endWriting, writeFrame } from '../../../src/protocol/sync/parcel-file.js'
import { createBench, type Bench } from '../../support/messenger-bench.js'
import { seeded } from '../../support/protocol-values.js'

const random = seeded(72)

function foreign(bench: Bench, bytes = 512): Uint8Array {
  const envelope = random(bytes)
  const day = Math.floor(bench.clock.now() / 86_400_000) + 3
  envelope.set([1, 0, day >> 8, day & 0xff])
  return envelope
}

function fileOf(
  envelopes: readonly Uint8Array[],
  secrets: readonly Uint8Array[] = [],
  network = 'main'
): Uint8Array {
  const begun = beginWriting(network)
  const pieces = [begun.bytes]
  let { writer } = begun
  const add = (frame: Parameters<typeof writeFrame>[1]): void => {
    const next = writeFrame(writer, frame)
    writer = next.writer
    pieces.push(next.bytes)
  }
  for (const envelope of envelopes) add({ kind: 'give', given: [{ number: 0, envelope }] })
  if (secrets.length > 0) add({ kind: 'purge', secrets })
  return Buffer.concat([...pieces, endWriting(writer)])
}

/** An inbound that takes whatever the network's would not refuse, and remembers what it got. */
function gate(refuse: (envelope: Uint8Array) => boolean = () => false): {
  readonly batches: number[]
  readonly seen: Set<string>
  opened: number
  admit(envelopes: readonly Uint8Array[]): Promise<{ fresh: readonly Uint8Array[]; refused: number }>
  settled(): Promise<void>
} {
  const batches: number[] = []
  const seen = new Set<string>()
  return {
    batches,
    seen,
    opened: 5,
    async admit(envelopes) {
      batches.push(envelopes.length)
      const good = envelopes.filter((envelope) => !refuse(envelope))
      const fresh = good.filter((envelope) => {
        const key = Buffer.from(envelope).toString('base64')
        return !seen.has(key) && seen.add(key)
      })
      this.opened += fresh.length
      return Promise.resolve({ fresh, refused: envelopes.length - good.length })
    },
    async settled() {
      this.opened++
      return Promise.resolve()
    }
  }
}

async function imported(
  context: Context,
  inbound: ReturnType<typeof gate>,
  source: ParcelSource,
  options: ImportOptions = {}
): Promise<{ report: ImportReport; spread: number }> {
  let spread = 0
  const parts = {
    context,
    inbound,
    settled: () => inbound.settled(),
    spread: (envelopes: readonly Uint8Array[]) => {
      spread += envelopes.length
    }
  }
  const report = await importParcels(parts, source, options)
  return { report, spread }
}

describe('messenger/import-parcels', () => {
  it('counts what is new, what is known and what may not travel, and passes on what is new', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const good = [foreign(bench), foreign(bench)]
    const bad = random(100)
    const file = fileOf([...good, bad, ...good])
    const inbound = gate((envelope) => envelope.length === 100)
    const { report, spread } = await imported(context, inbound, [file])
    assert.deepEqual(report, {
      bytes: file.length,
      read: 5,
      taken: 2,
      known: 2,
      refused: 1,
      opened: 3,
      damaged: 0,
      complete: true
    })
    assert.equal(spread, 2)
    const again = await imported(context, inbound, [file])
    assert.deepEqual([again.report.taken, again.report.known, again.spread], [0, 4, 0])
  })

  it('takes batches of a bounded size, from pieces of any', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const envelopes = Array.from({ length: 300 }, () => foreign(bench, 8192))
    const file = fileOf(envelopes)
    for (const size of [700, 100_000, file.length]) {
      const inbound = gate()
      const pieces = Array.from({ length: Math.ceil(file.length / size) }, (_, n) =>
        file.subarray(n * size, (n + 1) * size)
      )
      const seen: ImportReport[] = []
      const { report } = await imported(context, inbound, pieces, { onProgress: (so) => void seen.push(so) })
      assert.equal(report.taken, 300)
      assert.ok(inbound.batches.every((count) => count <= FILE_BATCH / 8192))
      assert.deepEqual(seen.at(-1), report)
      assert.deepEqual(
        seen.map(({ read }) => read),
        seen.map(({ read }) => read).toSorted((one, other) => one - other)
      )
    }
  })

  it("takes pieces whose bytes are another's once the next is asked for, of whatever kind of array", async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const file = fileOf(Array.from({ length: 400 }, () => foreign(bench)))
    for (const room of [new Uint8Array(1_000), Buffer.alloc(1_000), Buffer.alloc(2 * MAX_SYNC_FRAME)]) {
      const source = function* (): Generator<Uint8Array> {
        for (let at = 0; at < file.length; at += room.length) {
          const piece = file.subarray(at, at + room.length)
          room.set(piece)
          yield room.subarray(0, piece.length)
        }
        room.fill(0)
      }
      const inbound = gate()
      const { report } = await imported(context, inbound, source())
      assert.deepEqual([report.taken, report.damaged, report.complete], [400, 0, true])
    }
  })

  it('reads a file that comes as one piece bit by bit, and says how far it is', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const file = fileOf(Array.from({ length: 200 }, () => foreign(bench, 16_384)))
    const read: number[] = []
    await imported(context, gate(), [file], { onProgress: ({ bytes }) => read.push(bytes) })
    assert.ok((read[0] ?? file.length) < 2 * FILE_BATCH)
    assert.equal(read.at(-1), file.length)
  })

  it('counts tiny envelopes of a hostile file as the smallest there are, so that a batch stays small', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const given = Array.from({ length: 10_000 }, () => ({ number: 0, envelope: random(1) }))
    const begun = beginWriting('main')
    const { bytes } = writeFrame(begun.writer, { kind: 'give', given })
    const inbound = gate(() => true)
    const { report } = await imported(context, inbound, [begun.bytes, bytes])
    assert.deepEqual([report.refused, report.complete], [10_000, false])
    assert.ok(Math.max(...inbound.batches) <= FILE_BATCH / 512)
  })

  it('takes all there is of a file that was cut off or damaged, and says that it is not whole', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const envelopes = Array.from({ length: 10 }, () => foreign(bench))
    const file = fileOf(envelopes)
    const cut = await imported(context, gate(), [file.subarray(0, 17 + 4 * 526 + 100)])
    assert.deepEqual([cut.report.taken, cut.report.complete, cut.report.damaged], [4, false, 0])
    const changed = Buffer.from(file)
    changed[17 + 4 * 526 + 100] = 1 + (changed[17 + 4 * 526 + 100] ?? 0)
    const damaged = await imported(context, gate(), [changed])
    assert.deepEqual([damaged.report.taken, damaged.report.complete, damaged.report.damaged], [9, false, 1])
  })

  it('deletes what the file says has arrived, if it knows it to be true', async () => {
    const bench = createBench()
    const alice = await bench.open('alice', { start: false })
    const { context } = alice
    const secret = random(16)
    const envelope = foreign(bench)
    envelope.set(tagOfPurge(secret), 4)
    const { node } = alice
    await bench.run(node.importParcels([fileOf([envelope])]))
    assert.equal(context.mailbox.status().envelopes, 1)
    await bench.run(node.importParcels([fileOf([], [random(16), secret])]))
    assert.deepEqual([context.mailbox.status().envelopes, context.mailbox.status().purged], [0, 1])
    const again = await bench.run(node.importParcels([fileOf([envelope])]))
    assert.deepEqual([again.taken, again.known], [0, 1])
  })

  it('refuses what is no file, with a code for each reason', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const newer = Buffer.from(fileOf([]))
    newer[8] = 9
    const cases: [Uint8Array[], string][] = [
      [[], 'FILE_INVALID'],
      [[new Uint8Array(5000)], 'FILE_INVALID'],
      [[fileOf([]).subarray(0, 12)], 'FILE_INVALID'],
      [[newer], 'FILE_TOO_NEW'],
      [[fileOf([], [], 'elsewhere')], 'FILE_OTHER_NETWORK']
    ]
    for (const [source, code] of cases) await assert.rejects(imported(context, gate(), source), { code })
  })

  it('stops when told to, and with what the source throws', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const file = fileOf([foreign(bench)])
    const aborted = imported(context, gate(), [file], { signal: AbortSignal.abort() })
    await assert.rejects(aborted, { code: 'ABORTED' })
    await assert.rejects(imported(context, gate(), [], { signal: AbortSignal.abort() }), { code: 'ABORTED' })
    const gone = new Error('the stick was pulled out')
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(file)
      throw gone
    }
    await assert.rejects(imported(context, gate(), source()), gone)
  })

  it('ends when it is aborted while the source says nothing', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const aborter = new AbortController()
    async function* source(): AsyncGenerator<Uint8Array> {
      yield fileOf([foreign(bench)])
      aborter.abort()
      await new Promise(() => undefined)
    }
    await assert.rejects(imported(context, gate(), source(), { signal: aborter.signal }), { code: 'ABORTED' })
  })

  it('says how a file is given that comes as one array of bytes', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    const file = fileOf([foreign(bench)])
    for (const source of [file, [new Uint16Array(file)]])
      await assert.rejects(
        async () => {
          await Reflect.apply(imported, undefined, [context, gate(), source])
        },
        { code: 'OPTIONS_INVALID', message: /as \[bytes\]/ }
      )
  })

  it('lets go of a source that it does not read to its end', async () => {
    const bench = createBench()
    const { context } = await bench.open('alice', { start: false })
    for (const options of [{}, { signal: new AbortController().signal }]) {
      let released = false
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield await Promise.resolve(new Uint8Array(FILE_BATCH))
        } finally {
          released = true
        }
      }
      await assert.rejects(imported(context, gate(), source(), options), { code: 'FILE_INVALID' })
      assert.ok(released)
    }
  })
  it('ends when it is aborted while a source that it does not read to its end cannot be let go of', async () => {
    const { context } = await createBench().open('alice', { start: false })
    const aborter = new AbortController()
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield await Promise.resolve(new Uint8Array(FILE_BATCH))
      } finally {
        setImmediate(() => {
          aborter.abort()
        })
        await new Promise(() => undefined)
      }
    }
    const { signal } = aborter
    await assert.rejects(imported(context, gate(), source(), { signal }), { code: 'FILE_INVALID' })
  })
})

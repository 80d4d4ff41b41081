import assert from 'node:assert/strict'
import { Arrivals, type Stored } from '../../../src/messenger/carry/arrivals.js'

/** Arrivals whose admissions wait to be let through. */
function arrivalsAtAGate(): {
  readonly arrivals: Arrivals
  readonly batches: (readonly Uint8Array[])[]
  readonly gates: { readonly pass: () => void; readonly fail: (error: Error) => void }[]
} {
  const batches: (readonly Uint8Array[])[] = []
  const gates: { readonly pass: () => void; readonly fail: (error: Error) => void }[] = []
  const arrivals = new Arrivals((envelopes) => {
    batches.push(envelopes)
    return new Promise((resolve, reject) => {
      gates.push({
        pass: resolve,
        fail: reject
      })
    })
  })
  return { arrivals, batches, gates }
}

/** Read anew each time. */
const storingOf = (arrivals: Arrivals): Promise<Stored> | undefined => arrivals.storing
const envelope = (name: number): Uint8Array => Uint8Array.of(name)

describe('messenger/arrivals', () => {
  it('stores at once what comes first, and in one go what comes while that is being stored', async () => {
    const { arrivals, batches, gates } = arrivalsAtAGate()
    assert.equal(storingOf(arrivals), undefined)
    arrivals.add([envelope(1), envelope(2)], 20)
    arrivals.add([envelope(3)], 10)
    arrivals.add([envelope(4)], 11)
    assert.deepEqual(batches, [[envelope(1), envelope(2)]])
    gates[0]?.pass()
    const first = await storingOf(arrivals)
    assert.deepEqual(first, { envelopes: [envelope(1), envelope(2)], bytes: 20 })
    arrivals.goOn()
    assert.deepEqual(batches[1], [envelope(3), envelope(4)])
    gates[1]?.pass()
    assert.equal((await storingOf(arrivals))?.bytes, 21)
    arrivals.goOn()
    assert.equal(storingOf(arrivals), undefined)
  })

  it('tells whoever waits that nothing was stored, and settles all the same', async () => {
    const { arrivals, gates } = arrivalsAtAGate()
    arrivals.add([envelope(1)], 10)
    gates[0]?.fail(new Error('the disk is full'))
    await arrivals.settled()
    assert.ok(arrivals.storing !== undefined)
    await assert.rejects(arrivals.storing, /the disk is full/)
  })

  it('has settled when nothing came', async () => {
    await arrivalsAtAGate().arrivals.settled()
  })

  it('hands on whatever is there first, a frame or what was stored, and loses neither', async () => {
    const { arrivals, gates } = arrivalsAtAGate()
    const waiting: ((frame: Uint8Array | undefined) => void)[] = []
    const receive = (): Promise<Uint8Array | undefined> =>
      new Promise((resolve) => {
        waiting.push(resolve)
      })
    arrivals.add([envelope(1)], 10)
    const first = arrivals.next(receive)
    gates[0]?.pass()
    assert.deepEqual(await first, { envelopes: [envelope(1)], bytes: 10 })
    arrivals.goOn()
    const second = arrivals.next(receive)
    assert.equal(waiting.length, 1, 'the frame that was waited for is waited for still')
    waiting[0]?.(envelope(7))
    assert.deepEqual(await second, envelope(7))
    arrivals.add([envelope(2)], 11)
    const third = arrivals.next(receive)
    waiting[1]?.(undefined)
    gates[1]?.pass()
    assert.deepEqual(await third, { envelopes: [envelope(2)], bytes: 11 }, 'before the end')
    arrivals.goOn()
    const last = arrivals.next(receive)
    waiting[2]?.(undefined)
    assert.equal(await last, undefined)
  })

  it('keeps a frame that comes after what was stored was handed on, and before the next is asked for', async () => {
    const { arrivals, gates } = arrivalsAtAGate()
    const waiting: ((frame: Uint8Array | undefined) => void)[] = []
    const receive = (): Promise<Uint8Array | undefined> =>
      new Promise((resolve) => {
        waiting.push(resolve)
      })
    arrivals.add([envelope(1)], 10)
    const first = arrivals.next(receive)
    gates[0]?.pass()
    assert.deepEqual(await first, { envelopes: [envelope(1)], bytes: 10 })
    waiting[0]?.(envelope(7))
    await new Promise((resolve) => setImmediate(resolve))
    arrivals.goOn()
    assert.deepEqual(await arrivals.next(receive), envelope(7))
    assert.equal(waiting.length, 1)
  })
})

import assert from 'node:assert/strict'
import { MAX_PARCEL_BYTES, decodeParcel } from '../../src/codec/parcel.js'
import { isMessengerError } from '../../src/errors.js'
import { createParcelQueue } from '../../src/network/parcel-queue.js'
import type { ParcelQueue } from '../../src/network/parcel-queue.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'

interface Rig {
  readonly queue: ParcelQueue
  /** Parcels sent so far, as topics and the envelopes' first bytes. */
  readonly sent: { readonly topic: string; readonly parcel: Uint8Array; readonly firsts: number[] }[]
  /** Let the oldest parcel in flight end. */
  land(): Promise<void>
}

function createRig(
  options: { readonly maxQueuedBytes?: number; readonly send?: () => Promise<number> } = {}
): Rig {
  const sent: Rig['sent'] = []
  const inFlight: (() => void)[] = []
  const queue = createParcelQueue({
    send: (topic, parcel) => {
      const envelopes = decodeParcel(parcel) ?? []
      sent.push({ topic, parcel, firsts: envelopes.map((envelope) => envelope[0] ?? -1) })
      return options.send?.() ?? Promise.resolve(3)
    },
    ready: () => new Promise((resolve) => inFlight.push(resolve)),
    random: (length) => createSeededRandom(sent.length).bytes(length),
    ...(options.maxQueuedBytes === undefined ? {} : { maxQueuedBytes: options.maxQueuedBytes })
  })
  return {
    queue,
    sent,
    async land() {
      await new Promise((resolve) => setImmediate(resolve))
      inFlight.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const envelope = (first: number, length = 512): Uint8Array => new Uint8Array(length).fill(first)

describe('network/parcel-queue', () => {
  it('sends an idle envelope at once, before publish even returns', () => {
    const { queue, sent } = createRig()
    void queue.publish('t', envelope(1))
    assert.deepEqual(
      sent.map(({ firsts }) => firsts),
      [[1]]
    )
  })

  it('resolves with the recipients as soon as the network took the parcel', async () => {
    const { queue } = createRig()
    assert.deepEqual(await queue.publish('t', envelope(1)), { recipients: 3 })
  })

  it('sends what is pressing first, in a parcel of its own, and what is alike in order', async () => {
    const { queue, sent, land } = createRig()
    for (const [first, rank] of [
      [1, 0],
      [2, 0],
      [3, 2],
      [4, 1],
      [5, 0],
      [6, 2]
    ] as const)
      void queue.publish('t', envelope(first), { rank })
    for (let n = 0; n < 4; n++) await land()
    assert.deepEqual(
      sent.map(({ firsts }) => firsts),
      [[1], [3, 6], [4], [2, 5]]
    )
  })

  it('gathers what is published while a parcel is in flight, in order, into one parcel', async () => {
    const { queue, sent, land } = createRig()
    const published = [1, 2, 3, 4].map((first) => queue.publish('t', envelope(first)))
    await land()
    await Promise.all(published)
    assert.deepEqual(
      sent.map(({ firsts }) => firsts),
      [[1], [2, 3, 4]]
    )
  })

  it('keeps topics apart: one in flight does not hold back the other', () => {
    const { queue, sent } = createRig()
    void queue.publish('one', envelope(1))
    void queue.publish('other', envelope(2))
    assert.deepEqual(
      sent.map(({ topic }) => topic),
      ['one', 'other']
    )
  })

  it('never makes a parcel longer than the bound and never reorders', async () => {
    const { queue, sent, land } = createRig()
    const lengths = [512, 32_768, 32_768, 16_384, 512, 32_768, 1_024]
    const published = lengths.map((length, index) => queue.publish('t', envelope(index, length)))
    while (sent.flatMap(({ firsts }) => firsts).length < lengths.length) await land()
    await Promise.all(published)
    assert.deepEqual(
      sent.flatMap(({ firsts }) => firsts),
      lengths.map((_, index) => index)
    )
    for (const { parcel } of sent) assert.ok(parcel.length <= MAX_PARCEL_BYTES)
    assert.ok(sent.length < lengths.length)
  })

  it('gives the same envelope another parcel each time, or gossip would drop the repetition', async () => {
    const { queue, sent, land } = createRig()
    await queue.publish('t', envelope(1))
    await land()
    await queue.publish('t', envelope(1))
    assert.notDeepEqual(sent[0]?.parcel, sent[1]?.parcel)
  })

  it('refuses an envelope that fits no parcel', async () => {
    const { queue } = createRig()
    await assert.rejects(queue.publish('t', envelope(1, MAX_PARCEL_BYTES)), (error) =>
      isMessengerError(error, 'TOO_LARGE')
    )
  })

  it('refuses more than it may keep waiting, and takes envelopes again when it has room', async () => {
    const { queue, land } = createRig({ maxQueuedBytes: 2_000 })
    const published = [1, 2, 3, 4].map((first) => queue.publish('t', envelope(first)))
    await assert.rejects(queue.publish('t', envelope(5)), (error) =>
      isMessengerError(error, 'NETWORK_FAILED')
    )
    await land()
    await Promise.all(published)
    await land()
    assert.deepEqual(await queue.publish('t', envelope(6)), { recipients: 3 })
  })

  it('tells every sender in a parcel that the network failed, and goes on with the next', async () => {
    let failing = true
    const send = (): Promise<number> => (failing ? Promise.reject(new Error('no route')) : Promise.resolve(1))
    const { queue, land } = createRig({ send })
    await assert.rejects(queue.publish('t', envelope(1)), (error) =>
      isMessengerError(error, 'NETWORK_FAILED')
    )
    failing = false
    await land()
    assert.deepEqual(await queue.publish('t', envelope(2)), { recipients: 1 })
  })

  it('answers what waits with 0 recipients when it is cleared', async () => {
    const { queue, sent } = createRig()
    const first = queue.publish('t', envelope(1))
    const second = queue.publish('t', envelope(2))
    await first
    queue.clear()
    assert.deepEqual(await second, { recipients: 0 })
    assert.equal(sent.length, 1)
  })
})

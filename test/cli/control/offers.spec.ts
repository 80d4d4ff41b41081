import assert from 'node:assert/strict'
import { drawn, drawnBytes, Offers } from '../../../src/cli/control/offers.js'

async function* numbers(count: number, ended: () => void = () => undefined): AsyncGenerator<number> {
  try {
    for (let number = 0; number < count; number++) yield await Promise.resolve(number)
  } finally {
    ended()
  }
}

/** Both ends in one, without anything between them. */
function channelTo(offers: Offers) {
  return {
    request: async (method: string, [stream]: readonly unknown[]): Promise<unknown> => {
      if (method === 'next') return await offers.next(Number(stream))
      offers.close(Number(stream))
      return undefined
    }
  }
}

describe('a stream that is offered', () => {
  it('is taken piece by piece, even if that is asked for before there is any', async () => {
    const offers = new Offers()
    const offer = offers.open(1)
    const first = offers.next(1)
    const filled = offer.fill(numbers(2))
    assert.deepEqual([await first, await offers.next(1), await offers.next(1)], [[0], [1], []])
    await filled
    // The number is free again.
    offers.open(1)
  })

  it('ends when no more is wanted', async () => {
    const offers = new Offers()
    let ended = 0
    const filled = offers.open(1).fill(numbers(9, () => ended++))
    for await (const piece of drawn(channelTo(offers), 1)) if (piece === 1) break
    await filled
    assert.equal(ended, 1)
    await assert.rejects(offers.next(1), { code: 'ABORTED' })
  })

  it('says so when nobody takes any more, even while it has nothing to give', async () => {
    const offers = new Offers()
    const offer = offers.open(1)
    const waiting = async function* (): AsyncGenerator<number> {
      if (!offer.signal.aborted)
        await new Promise((resolve) => offer.signal.addEventListener('abort', resolve))
      yield* numbers(0)
    }
    const filled = offer.fill(waiting())
    const next = offers.next(1)
    offers.close(1)
    await filled
    assert.deepEqual(await next, [])
  })

  it('is never taken for whole when it ends before its time', async () => {
    const offers = new Offers()
    const filled = assert.rejects(offers.open(1).fill(numbers(9)), { code: 'ABORTED' })
    assert.deepEqual(await offers.next(1), [0])
    const next = assert.rejects(offers.next(1), { code: 'ABORTED' })
    offers.closeAll()
    await Promise.all([filled, next])
    await assert.rejects(offers.next(1), { code: 'ABORTED' })
    const failing = offers.open(2)
    const refilled = assert.rejects(failing.fill(numbers(9)), { message: 'aborted' })
    assert.deepEqual(await offers.next(2), [0])
    failing.fail(new Error('aborted'))
    await assert.rejects(offers.next(2), { message: 'aborted' })
    await refilled
  })

  it('fails on both sides', async () => {
    const failure = new Error('damaged')
    const offers = new Offers()
    const fails = async function* (): AsyncGenerator<number> {
      yield* numbers(1)
      throw failure
    }
    const filled = assert.rejects(offers.open(1).fill(fails()), failure)
    assert.deepEqual(await offers.next(1), [0])
    await assert.rejects(offers.next(1), failure)
    await filled
    offers.open(2).fail(failure)
    await assert.rejects(offers.next(2), failure)
  })

  it('is one of few', () => {
    const offers = new Offers()
    for (let stream = 0; stream < 64; stream++) offers.open(stream)
    assert.throws(() => offers.open(64), { code: 'OPTIONS_INVALID' })
    offers.close(5)
    offers.open(64)
    assert.throws(() => offers.open(64))
  })

  it('gives nothing but bytes where those are wanted', async () => {
    const offers = new Offers()
    const pieces = async function* (): AsyncGenerator {
      yield* [1, Uint8Array.of(2), 'three']
      yield* numbers(1)
    }
    void offers.open(1).fill(pieces())
    const bytes: Uint8Array[] = []
    for await (const piece of drawnBytes(channelTo(offers), 1)) bytes.push(piece)
    assert.deepEqual(bytes, [Uint8Array.of(2)])
  })
})

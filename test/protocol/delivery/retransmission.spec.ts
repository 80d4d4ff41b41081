import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  afterHeard,
  afterJoin,
  afterPublish,
  measureReceipt,
  NOT_TRANSMITTED,
  type Audience,
  type ReceiptTime,
  type Transmission
} from '../../../src/protocol/delivery/retransmission.js'
import { deepFrozen, NOW, seeded } from '../../support/protocol-values.js'

const none = (length: number): Uint8Array => new Uint8Array(length)
const most = (length: number): Uint8Array => new Uint8Array(length).fill(255)

const to = (recipients: number, holders = 0): Audience => ({ recipients, holders })

function publishedTimes(count: number, time?: ReceiptTime, audience = to(1)): number[] {
  const waits: number[] = []
  let [transmission, now] = [NOT_TRANSMITTED, NOW]
  for (let attempt = 0; attempt < count; attempt += 1) {
    transmission = afterPublish(transmission, audience, time, now, none)
    waits.push(transmission.nextAt - now)
    now = transmission.nextAt
  }
  return waits
}

describe('protocol/delivery/retransmission', () => {
  it('is due at once before the first time', () => {
    assert.equal(NOT_TRANSMITTED.nextAt, 0)
  })

  it('doubles its waits from three seconds to five minutes', () => {
    assert.deepEqual(
      publishedTimes(9),
      [3_000, 6_000, 12_000, 24_000, 48_000, 96_000, 192_000, 300_000, 300_000]
    )
  })

  it('goes on to half an hour where two others keep it, and not where one does', () => {
    const usual = publishedTimes(12).slice(6)
    assert.deepEqual(
      publishedTimes(12, undefined, to(5, 2)).slice(6),
      [192_000, 384_000, 768_000, 1_536_000, 1_800_000, 1_800_000]
    )
    assert.deepEqual(publishedTimes(12, undefined, to(5, 1)).slice(6), usual)
  })

  it('waits as long as receipts usually take, within bounds', () => {
    assert.equal(publishedTimes(1, { smoothed: 1_000, variation: 500 })[0], 6_000)
    assert.equal(publishedTimes(1, { smoothed: 5, variation: 1 })[0], 1_000)
    assert.equal(publishedTimes(1, { smoothed: 10 ** 9, variation: 0 })[0], 300_000)
    assert.equal(publishedTimes(1, { smoothed: -(10 ** 9), variation: 0 })[0], 1_000)
  })

  it('waits up to a quarter longer, so that nodes do not speak in step', () => {
    const wait = afterPublish(NOT_TRANSMITTED, to(1), undefined, NOW, most).nextAt - NOW
    assert.ok(wait > 3_600 && wait < 3_750)
  })

  it('waits for somebody to come when nobody was there, without counting an attempt', () => {
    const alone = afterPublish(NOT_TRANSMITTED, to(0), undefined, NOW, none)
    assert.deepEqual(alone, { attempts: 0, lastAt: 0, nextAt: Infinity })
    assert.equal(afterJoin(alone, NOW).nextAt, NOW)
  })

  it('is due when somebody joins, or two seconds after it was last published, and not later than it was', () => {
    const sent = afterPublish(NOT_TRANSMITTED, to(2), undefined, NOW, none)
    assert.deepEqual(afterJoin(sent, NOW + 499), { attempts: 1, lastAt: NOW, nextAt: NOW + 2_000 })
    assert.deepEqual(afterJoin(sent, NOW), { attempts: 1, lastAt: NOW, nextAt: NOW + 2_000 })
    assert.equal(afterJoin(sent, NOW + 2_500).nextAt, NOW + 2_500)
    assert.equal(afterJoin(sent, NOW + 9_000).nextAt, NOW + 3_000)
    // A clock that was set back is no reason to be silent.
    assert.equal(afterJoin(sent, NOW - 60_000).nextAt, NOW - 60_000)
  })

  it('is patient only with who is silent: a sign of life takes back what was doubled', () => {
    const waited: Transmission = { attempts: 10, lastAt: NOW, nextAt: NOW + 300_000 }
    const heard = afterHeard(waited, undefined, NOW + 10_000)
    assert.deepEqual(heard, { attempts: 2, lastAt: NOW, nextAt: NOW + 10_000 })
    // What it cannot hear even now is not left waiting for minutes once it can.
    assert.equal(afterPublish(heard, to(1), undefined, NOW + 10_000, none).nextAt - NOW, 22_000)
    assert.equal(afterHeard(waited, undefined, NOW + 1_000).nextAt, NOW + 3_000)
  })

  it('is hurried by a sign of life from its second attempt on', () => {
    const waiting = (attempts: number): Transmission => ({ attempts, lastAt: NOW, nextAt: NOW + 60_000 })
    assert.deepEqual(afterHeard(waiting(1), undefined, NOW), waiting(1))
    assert.deepEqual(afterHeard(waiting(2), undefined, NOW), { ...waiting(2), nextAt: NOW + 3_000 })
  })

  it('is not hurried by a sign of life when it is new, or when nobody is there', () => {
    for (const transmission of [
      { attempts: 1, lastAt: NOW, nextAt: NOW + 3_000 },
      { attempts: 4, lastAt: NOW, nextAt: Infinity }
    ])
      assert.equal(afterHeard(transmission, undefined, NOW + 1), transmission)
  })

  it('is not published more often than every two seconds, however many join', () => {
    let transmission = NOT_TRANSMITTED
    let published = 0
    for (let now = NOW; now < NOW + 60_000; now += 50) {
      transmission = afterJoin(transmission, now)
      if (transmission.nextAt > now) continue
      transmission = afterPublish(transmission, to(5), undefined, now, none)
      published += 1
    }
    assert.equal(published, 30)
  })

  it('never plans a wait outside its bounds, nor changes what it was given, whatever happens', () => {
    const step = fc.oneof(
      fc.record({
        act: fc.constant('publish' as const),
        recipients: fc.nat({ max: 3 }),
        holders: fc.nat({ max: 3 }),
        later: fc.integer({ min: -(10 ** 12), max: 10 ** 12 })
      }),
      fc.record({
        act: fc.constant('join' as const),
        later: fc.integer({ min: -(10 ** 12), max: 10 ** 12 })
      }),
      fc.record({
        act: fc.constant('receipt' as const),
        sample: fc.integer({ min: -(10 ** 12), max: 10 ** 12 })
      })
    )
    const longest = (holders: number): number => (holders < 2 ? 375_000 : 2_250_000)
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 40 }), (seed, script) => {
        const random = seeded(seed)
        let now = NOW
        let transmission: Transmission = NOT_TRANSMITTED
        let time: ReceiptTime | undefined
        for (const event of script) {
          if (event.act === 'receipt') {
            time = deepFrozen(measureReceipt(time, event.sample))
            continue
          }
          now += event.later
          deepFrozen(transmission)
          transmission =
            event.act === 'join'
              ? afterJoin(transmission, now)
              : afterPublish(transmission, to(event.recipients, event.holders), time, now, random)
          const wait = transmission.nextAt - now
          if (event.act === 'publish')
            assert.ok(wait === Infinity || (wait >= 1_000 && wait <= longest(event.holders)), `${wait}`)
        }
      })
    )
  })

  it('follows the time receipts take, as RFC 6298 does', () => {
    assert.deepEqual(measureReceipt(undefined, 800), { smoothed: 800, variation: 400 })
    assert.deepEqual(measureReceipt({ smoothed: 800, variation: 400 }, 1_600), {
      smoothed: 900,
      variation: 500
    })
    let time = measureReceipt(undefined, 10_000)
    for (let sample = 0; sample < 100; sample += 1) time = measureReceipt(time, 200)
    assert.ok(Math.abs(time.smoothed - 200) < 1 && time.variation < 2)
  })
})

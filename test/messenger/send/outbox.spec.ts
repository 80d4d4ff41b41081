import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeIdentityId } from '../../../src/codec/ids.js'
import { numbersOf, Outbox, type OutboxEntry } from '../../../src/messenger/send/outbox.js'
import {
  DAY_MS,
  EMERGENCY_RESERVE,
  EMERGENCY_STRIDE,
  MAX_UNACKNOWLEDGED
} from '../../../src/protocol/limits.js'
import type { Priority } from '../../../src/protocol/message/priority.js'
import { seededRandom } from '../../support/store-random.js'

const alice = encodeIdentityId(new Uint8Array(20).fill(1))
const bob = encodeIdentityId(new Uint8Array(20).fill(2))
const NOW = 1_750_000_000_000
const ROOM = MAX_UNACKNOWLEDGED - EMERGENCY_RESERVE
const DAY = Math.floor(NOW / DAY_MS)
const random = seededRandom('outbox')

describe('messenger/outbox', () => {
  let outbox: Outbox

  beforeEach(() => {
    outbox = new Outbox()
  })

  function add(
    number: number,
    options: { sealed?: boolean; contactId?: typeof alice; expiryDay?: number; priority?: Priority } = {}
  ): void {
    const { sealed = true, contactId = bob, expiryDay = DAY + 7, priority = 'routine' } = options
    outbox.add(
      { contactId, number, positions: [String(number)], expiryDay, priority, sentAt: NOW, sealed },
      sealed ? Uint8Array.of(number) : undefined
    )
  }

  const numbers = (entries: readonly OutboxEntry[]): number[] => entries.map(({ number }) => number)

  /** Take everything due and say that so many peers got it. */
  function publish(now: number, recipients = 1): number[] {
    const taken = outbox.take(10_000, now)
    for (const entry of taken) outbox.published(entry, recipients, now, random)
    return numbers(taken)
  }

  it('gives what is new at once, once, in order, and never what is not sealed', () => {
    for (const number of [1, 2, 3]) add(number)
    add(4, { sealed: false })
    assert.equal(outbox.size, 4)
    assert.deepEqual(numbers(outbox.take(2, NOW)), [1, 2])
    assert.deepEqual(publish(NOW), [3])
    assert.deepEqual(publish(NOW), [])
    assert.equal(outbox.hasUnsealed(bob), true)
    add(4)
    assert.equal(outbox.hasUnsealed(bob), false)
    assert.deepEqual(publish(NOW), [4])
    assert.equal(outbox.size, 4)
  })

  it('repeats what is not acknowledged, later and later, until it is', () => {
    add(1)
    publish(NOW)
    let now = NOW
    const waits: number[] = []
    for (let n = 0; n < 12; n++) {
      const next = outbox.nextWakeAt()
      waits.push(next - now)
      now = next
      assert.deepEqual(publish(now - 1), [], 'not before its time')
      assert.deepEqual(publish(now), [1])
    }
    assert.ok((waits[0] ?? 0) >= 3_000 && (waits[0] ?? 0) <= 3_750)
    assert.ok((waits[1] ?? 0) > (waits[0] ?? 0))
    assert.ok(waits.every((wait) => wait <= 375_000))
    outbox.remove(bob, 1, now)
    assert.deepEqual([outbox.size, publish(now + DAY_MS)], [0, []])
  })

  it('waits for somebody to join after there was nobody', () => {
    add(1)
    publish(NOW, 0)
    assert.equal(outbox.nextWakeAt(), Infinity)
    assert.deepEqual(publish(NOW + DAY_MS), [])
    outbox.joined(NOW + DAY_MS)
    assert.deepEqual(publish(NOW + DAY_MS), [1])
  })

  it('tries again soon what the network refused, and does not count it', () => {
    add(1)
    const [entry] = outbox.take(1, NOW)
    assert.ok(entry !== undefined)
    outbox.postpone(entry, NOW)
    assert.equal(entry.transmission.attempts, 0)
    assert.deepEqual(publish(NOW + 500), [])
    assert.deepEqual(publish(NOW + 1_000), [1])
  })

  it('repeats soon what was repeated in vain when the contact is heard again, but not what is only on its way', () => {
    add(1)
    for (let now = NOW, n = 0; n < 8; n++, now = outbox.nextWakeAt()) publish(now)
    const late = outbox.nextWakeAt()
    const heardAt = late - 100_000
    add(2)
    assert.deepEqual(publish(heardAt), [2])
    assert.equal(outbox.heard(bob, heardAt), true)
    assert.equal(outbox.heard(bob, heardAt + 10), false, 'once a second is enough')
    assert.deepEqual(publish(heardAt), [1])
    assert.ok(outbox.nextWakeAt() >= heardAt + 1_000)
  })

  it('keeps to the order when more is to be repeated than goes out in one turn', () => {
    for (let number = 0; number < 600; number++) add(number)
    publish(NOW, 0)
    outbox.joined(NOW + 1)
    const sent = publish(NOW + 1)
    assert.ok(sent.length < 600)
    add(600)
    for (let turn = 1; turn < 10 && sent.length < 601; turn++) sent.push(...publish(NOW + 1 + 250 * turn))
    assert.deepEqual(
      sent,
      Array.from({ length: 601 }, (_, n) => n)
    )
  })

  it('counts what may still be sealed', () => {
    assert.equal(outbox.roomToSeal(bob), ROOM)
    for (let number = 0; number < ROOM; number++) add(number)
    add(ROOM, { sealed: false })
    assert.equal(outbox.roomToSeal(bob), 0)
    assert.equal(outbox.roomToSeal(alice), ROOM)
    outbox.remove(bob, 0, NOW)
    assert.equal(outbox.roomToSeal(bob), 1)
    add(1, { sealed: false })
    assert.equal(outbox.roomToSeal(bob), 2, 'what waits for sealing again makes room')
    assert.equal(outbox.sealedInAll(bob), ROOM)
    outbox.removeContact(bob)
    assert.deepEqual([outbox.size, outbox.roomToSeal(bob), publish(NOW)], [0, ROOM, []])
  })

  it('keeps room for emergencies, and says what is the most pressing of what waits', () => {
    for (let number = 0; number < ROOM; number++) add(number)
    assert.deepEqual([outbox.roomToSeal(bob), outbox.roomToSeal(bob, 'urgent')], [0, 0])
    assert.equal(outbox.roomToSeal(bob, 'emergency'), EMERGENCY_RESERVE)
    assert.equal(outbox.waitingRank(bob), -1)
    add(5_000, { sealed: false })
    assert.equal(outbox.waitingRank(bob), 0)
    add(5_001, { sealed: false, priority: 'urgent' })
    assert.equal(outbox.waitingRank(bob), 1)
    add(5_001, { priority: 'urgent' })
    assert.equal(outbox.waitingRank(bob), 0)
  })

  it('gives an emergency first, with what it needs to be recognised, then what is urgent', () => {
    for (let number = 0; number < 3 * EMERGENCY_STRIDE - 1; number++) add(number)
    add(200, { priority: 'urgent' })
    add(300, { priority: 'emergency' })
    const stones = [0, EMERGENCY_STRIDE, 2 * EMERGENCY_STRIDE]
    assert.deepEqual(numbers(outbox.take(6, NOW)), [...stones, 300, 200, 1])
  })

  it('repeats an emergency first, though the others are more than go out in one turn', () => {
    for (let number = 0; number < 600; number++) add(number)
    publish(NOW, 0)
    outbox.joined(NOW + 1)
    assert.ok(publish(NOW + 1).length < 600)
    add(600, { priority: 'emergency' })
    assert.deepEqual(
      numbers(outbox.take(1, NOW + 2)),
      [600],
      'it does not wait behind those of the next turn'
    )
    outbox.joined(NOW + 60_000)
    const stones = Array.from({ length: Math.ceil(600 / EMERGENCY_STRIDE) }, (_, n) => n * EMERGENCY_STRIDE)
    assert.deepEqual(numbers(outbox.take(stones.length + 2, NOW + 60_000)), [...stones, 600, 1])
  })

  it('counts messages, however many travel in one envelope', () => {
    const priority = 'routine' as const
    const entry = {
      contactId: bob,
      number: 7,
      positions: ['a', '', 'b'],
      expiryDay: DAY,
      priority,
      sentAt: NOW
    }
    assert.deepEqual(numbersOf(entry), [7, 8, 9])
    outbox.add({ ...entry, sealed: false })
    assert.deepEqual([outbox.size, outbox.messagesTo(bob), outbox.hasUnsealed(bob)], [3, 3, true])
    outbox.add({ ...entry, sealed: true }, Uint8Array.of(1))
    assert.deepEqual([outbox.size, outbox.hasUnsealed(bob)], [3, false])
    assert.equal(outbox.roomToSeal(bob), ROOM - 3)
    assert.deepEqual(publish(NOW), [7])
    outbox.remove(bob, 7, NOW)
    assert.deepEqual([outbox.size, outbox.messagesTo(bob), outbox.roomToSeal(bob)], [0, 0, ROOM])
  })

  it('names what has expired by our own clock, sealed or not', () => {
    add(1, { expiryDay: DAY })
    add(2, { expiryDay: DAY, sealed: false })
    add(3, { expiryDay: DAY + 1 })
    assert.deepEqual(outbox.expired(NOW), [])
    assert.deepEqual(numbers(outbox.expired((DAY + 1) * DAY_MS)), [1, 2])
    assert.deepEqual(numbers(outbox.expired((DAY + 2) * DAY_MS)), [1, 2, 3])
  })

  it('lets go of bytes that were published, and of all beyond its bound', () => {
    const large = new Uint8Array(32_768)
    for (let number = 0; number < 600; number++) {
      outbox.add(
        {
          contactId: bob,
          number,
          positions: [''],
          expiryDay: DAY,
          priority: 'routine',
          sentAt: NOW,
          sealed: true
        },
        large
      )
    }
    const taken = outbox.take(600, NOW)
    assert.equal(taken.filter(({ fresh }) => fresh !== undefined).length, 512, '16 MiB')
    for (const entry of taken) outbox.published(entry, 1, NOW, random)
    assert.ok(taken.every(({ fresh }) => fresh === undefined))
  })

  it('lets go of the bytes of what is sealed again', () => {
    const large = new Uint8Array(32_768)
    const entry = { contactId: bob, positions: [''], expiryDay: DAY, sentAt: NOW, sealed: true }
    for (let number = 0; number < 512; number++) outbox.add({ ...entry, number, priority: 'routine' }, large)
    for (let number = 0; number < 512; number++)
      outbox.add({ ...entry, number, priority: 'routine', sealed: false })
    for (let number = 0; number < 512; number++) outbox.add({ ...entry, number, priority: 'routine' }, large)
    assert.ok([...outbox.all()].every(({ fresh }) => fresh !== undefined))
  })

  it('survives a clock that is set back', () => {
    add(1)
    publish(NOW)
    assert.deepEqual(publish(NOW - DAY_MS), [1])
  })

  it('gives each sealed entry exactly while it is in it, whatever happens', () => {
    const actions = fc.array(
      fc.tuple(
        fc.constantFrom('add', 'seal', 'remove', 'publish', 'join', 'hear', 'refuse'),
        fc.nat(20),
        fc.nat(4)
      ),
      { maxLength: 60 }
    )
    fc.assert(
      fc.property(actions, (steps) => {
        outbox = new Outbox()
        const sealed = new Set<number>()
        const unsealed = new Set<number>()
        let now = NOW
        for (const [action, number, delay] of steps) {
          now += delay * 1_000
          if (action === 'add' && !sealed.has(number) && !unsealed.has(number)) {
            unsealed.add(number)
            add(number, { sealed: false })
          } else if (action === 'seal' && unsealed.delete(number)) {
            sealed.add(number)
            add(number)
          } else if (action === 'remove') {
            sealed.delete(number)
            unsealed.delete(number)
            outbox.remove(bob, number, now)
          } else if (action === 'join') outbox.joined(now)
          else if (action === 'hear') outbox.heard(bob, now)
          else if (action === 'publish' || action === 'refuse') {
            const taken = outbox.take(100, now)
            assert.equal(new Set(taken).size, taken.length)
            for (const entry of taken) {
              assert.ok(sealed.has(entry.number))
              if (action === 'refuse') outbox.postpone(entry, now)
              else outbox.published(entry, 1, now, random)
            }
          }
          assert.equal(outbox.size, sealed.size + unsealed.size)
          assert.equal(outbox.roomToSeal(bob), ROOM - sealed.size)
        }
        const repeated = new Set<number>()
        for (let turn = 0; turn < 20; turn++)
          for (const number of publish(now + 600_000 + 250 * turn)) repeated.add(number)
        assert.deepEqual([...repeated].toSorted(), [...sealed].toSorted())
      })
    )
  })
})

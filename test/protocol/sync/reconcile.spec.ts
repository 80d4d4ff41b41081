import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_SYNC_FRAME, MAX_SYNC_LIST, MIN_SYNC_FRAME, SYNC_BRANCHES } from '../../../src/protocol/limits.js'
import type { ItemView } from '../../../src/protocol/sync/item-index.js'
import { FINGERPRINT_BYTES } from '../../../src/protocol/sync/item-sum.js'
import {
  compareItems,
  END,
  orderOf,
  SHORT_ID_BYTES,
  shortIdKey,
  type Bound,
  type Item
} from '../../../src/protocol/sync/item.js'
import {
  decodeRanges,
  MAX_RANGE_HEAD_BYTES,
  numbersBytes,
  type SyncRange
} from '../../../src/protocol/sync/range-message.js'
import { beginReconciling, reconcile } from '../../../src/protocol/sync/reconcile.js'
import { SaltedView } from '../../../src/protocol/sync/salted-view.js'
import { must } from '../../support/protocol-values.js'
import { indexOf, itemsFrom, numberedItem } from '../../support/sync-items.js'
import { seededRandom } from '../../support/store-random.js'

interface Outcome {
  /** Keys that each side learnt to want, and that each said it lacks. */
  readonly wanted: readonly [Set<string>, Set<string>]
  readonly missing: readonly [Set<string>, Set<string>]
  readonly bytes: number
  readonly rounds: number
}

/** Let two sets talk until neither has anything left to say; nothing is transferred meanwhile. */
function talk(one: ItemView, other: ItemView, maxBytes: number, maxRounds = 64): Outcome {
  const sides = [one, other] as const
  const wanted = [new Set<string>(), new Set<string>()] as const
  const missing = [new Set<string>(), new Set<string>()] as const
  const named: [Item[], Item[]] = [[], []]
  const begun = beginReconciling(one, maxBytes)
  named[0].push(...begun.named)
  let message: Uint8Array | undefined = begun.message
  let bytes = 0
  let rounds = 0
  for (let turn = 1; message !== undefined && message.length > 0 && rounds < maxRounds; turn = 1 - turn) {
    rounds++
    bytes += message.length
    assert.ok(message.length <= maxBytes, `a message of ${String(message.length)} bytes`)
    const ranges = decodeRanges(message)
    assert.ok(ranges !== undefined, 'an honest message is well formed')
    const [me, you] = [turn === 1 ? 1 : 0, turn === 1 ? 0 : 1] as const
    const offered = named[you].length
    const counted = ranges.reduce((sum, range) => sum + ('ids' in range ? range.ids.length : 0), 0)
    const step = reconcile(sides[me], ranges, offered - counted, maxBytes)
    for (const { number, id } of step.wanted) {
      const item = named[you][number]
      assert.ok(item !== undefined && shortIdKey(item.id) === shortIdKey(id), 'numbers name what they count')
      wanted[me].add(shortIdKey(id))
    }
    for (const number of step.missing) missing[me].add(shortIdKey(named[me][number]?.id ?? new Uint8Array(0)))
    for (const item of step.lacking) missing[me].add(shortIdKey(item.id))
    named[me].push(...step.named)
    message = step.message
  }
  return { wanted, missing, bytes, rounds }
}

const keys = (items: readonly Item[]): Set<string> => new Set(items.map(({ id }) => shortIdKey(id)))
const random = seededRandom('reconcile')

/** `count` items over 30 days, `days` of them from `first` on. */
function spread(count: number, first: number, days: number): Item[] {
  return Array.from({ length: count }, (_, n) => ({
    day: first + Math.floor((n * days) / count),
    id: random(32)
  }))
}

/** The smallest message that so many ranges with so much in them fit, with room for a skip before them and for the rest of the set behind a skip. */
function leastBytes(ranges: number, payload: number): number {
  return (ranges + 3) * MAX_RANGE_HEAD_BYTES + FINGERPRINT_BYTES + payload
}
const LEAST_LIST = leastBytes(1, 2 + MAX_SYNC_LIST * SHORT_ID_BYTES)
const LEAST_SPLIT = leastBytes(SYNC_BRANCHES, SYNC_BRANCHES * FINGERPRINT_BYTES)

function rangesOf(message: Uint8Array | undefined): readonly SyncRange[] {
  return must(decodeRanges(must(message)))
}

/** Behind all items of a day. */
function endOf(day: number): Bound {
  return { order: orderOf(day) + 1, prefix: new Uint8Array(0) }
}

describe('protocol/sync/reconcile', () => {
  it('finds exactly what each side lacks, whatever the sets and the frames', () => {
    const items = fc.uniqueArray(fc.tuple(fc.nat(4), fc.nat(400)), { maxLength: 300, selector: ([, n]) => n })
    fc.assert(
      fc.property(
        items,
        fc.infiniteStream(fc.nat(2)),
        fc.oneof(
          fc.integer({ min: LEAST_SPLIT, max: 2 * LEAST_SPLIT }),
          fc.integer({ min: MIN_SYNC_FRAME, max: MAX_SYNC_FRAME })
        ),
        (all, where, frame) => {
          const whose = [...where.take(all.length)]
          const pick = (side: number): Item[] =>
            all
              .filter((_, at) => whose[at] === side || whose[at] === 2)
              .map(([day, n]) => numberedItem(day, n))
          const [mine, yours] = [pick(0), pick(1)]
          const { wanted, missing } = talk(indexOf(mine), indexOf(yours), frame)
          const [myKeys, yourKeys] = [keys(mine), keys(yours)]
          assert.deepEqual(wanted[0], new Set([...yourKeys].filter((key) => !myKeys.has(key))))
          assert.deepEqual(wanted[1], new Set([...myKeys].filter((key) => !yourKeys.has(key))))
          assert.deepEqual(missing, [wanted[1], wanted[0]])
        }
      ),
      { numRuns: 200 }
    )
  })

  it('finds the same with a salt', () => {
    const [common, mine, yours] = [spread(500, 100, 5), spread(40, 100, 5), spread(60, 103, 4)]
    const salt = random(16)
    const [one, other] = [indexOf([...common, ...mine]), indexOf([...common, ...yours])]
    const { wanted } = talk(new SaltedView(one, salt), new SaltedView(other, salt), MAX_SYNC_FRAME)
    assert.deepEqual(wanted, [keys(yours), keys(mine)])
  })

  it('costs little for what is new since the sets were equal: at most 40 bytes for each that is missing', () => {
    const common = spread(100_000, 20_000, 30)
    const [mine, yours] = [spread(500, 20_030, 1), spread(500, 20_030, 1)]
    const { wanted, bytes, rounds } = talk(
      indexOf([...common, ...mine]),
      indexOf([...common, ...yours]),
      MAX_SYNC_FRAME
    )
    assert.deepEqual(wanted, [keys(yours), keys(mine)])
    assert.ok(bytes <= 40 * 1000, `${String(bytes)} bytes in ${String(rounds)} messages`)
  })

  it('needs one message more than the first where the sets are equal', () => {
    const common = spread(100_000, 20_000, 30)
    const { bytes, rounds } = talk(indexOf(common), indexOf(common), MAX_SYNC_FRAME)
    assert.equal(rounds, 1)
    assert.ok(bytes <= 400, `${String(bytes)} bytes`)
  })

  it('fills an empty set in the order of expiry, the last first, one frame after the other', () => {
    const all = spread(20_000, 20_000, 10).sort(compareItems)
    const { wanted, rounds } = talk(indexOf([]), indexOf(all), MAX_SYNC_FRAME)
    assert.equal(wanted[0].size, all.length)
    const [first] = wanted[0]
    assert.equal(first, shortIdKey(all[0]?.id ?? new Uint8Array(0)))
    assert.ok(rounds < 20, `${String(rounds)} messages`)
  })

  it('lists as many items as it may, and splits what holds one more', () => {
    const kindsOf = (count: number): readonly string[] =>
      rangesOf(beginReconciling(indexOf(itemsFrom(random, count)), MAX_SYNC_FRAME).message).map(
        ({ kind }) => kind
      )
    assert.deepEqual(kindsOf(MAX_SYNC_LIST), ['list'])
    assert.deepEqual(kindsOf(MAX_SYNC_LIST + 1), new Array(SYNC_BRANCHES).fill('fingerprint'))
  })

  it('uses a message to its last byte, and leaves what does not fit to one fingerprint', () => {
    for (const [count, least, kinds] of [
      [MAX_SYNC_LIST, LEAST_LIST, ['list']],
      [MAX_SYNC_LIST + 1, LEAST_SPLIT, new Array<string>(SYNC_BRANCHES).fill('fingerprint')]
    ] as const) {
      const view = indexOf(itemsFrom(random, count))
      const fits = beginReconciling(view, least)
      assert.deepEqual(
        rangesOf(fits.message).map(({ kind }) => kind),
        kinds
      )
      const { message, named } = beginReconciling(view, least - 1)
      const fingerprint = view.fingerprint(0, count)
      assert.deepEqual(rangesOf(message), [{ upper: END, kind: 'fingerprint', fingerprint }])
      assert.deepEqual(named, [])
    }
  })

  it('asks for all of a list or, where that does not fit, for nothing yet', () => {
    const ids = itemsFrom(random, 100).map(({ id }) => id.subarray(0, SHORT_ID_BYTES))
    const list: SyncRange = { upper: END, kind: 'list', ids }
    const least = leastBytes(1, numbersBytes(ids.length) + 2 + SHORT_ID_BYTES)
    const fits = reconcile(indexOf([]), [list], 0, least)
    assert.deepEqual(rangesOf(fits.message), [
      { upper: END, kind: 'answer', missing: ids.map((_, number) => number), ids: [] }
    ])
    assert.equal(fits.wanted.length, ids.length)
    const { message, wanted } = reconcile(indexOf([]), [list], 0, least - 1)
    assert.deepEqual(rangesOf(message), [
      { upper: END, kind: 'fingerprint', fingerprint: indexOf([]).fingerprint(0, 0) }
    ])
    assert.deepEqual(wanted, [])
  })

  it('names as much of what a list lacks as fits, and leaves the rest to one fingerprint', () => {
    const view = indexOf(itemsFrom(random, 100))
    const empty: SyncRange = { upper: END, kind: 'list', ids: [] }
    const least = leastBytes(1, numbersBytes(0) + 2 + 5 * SHORT_ID_BYTES)
    for (const [maxBytes, count] of [
      [least - 1, 4],
      [least, 5]
    ] as const) {
      const { message, named, lacking } = reconcile(view, [empty], 0, maxBytes)
      const first = Array.from({ length: count }, (_, position) => view.itemAt(position))
      assert.deepEqual([named, lacking], [first, first])
      const [answer, rest, ...more] = rangesOf(message)
      assert.deepEqual(
        answer?.kind === 'answer' && answer.ids,
        first.map(({ id }) => id.subarray(0, SHORT_ID_BYTES))
      )
      assert.equal(view.rank(must(answer).upper), count)
      assert.deepEqual(rest, { upper: END, kind: 'fingerprint', fingerprint: view.fingerprint(count, 100) })
      assert.deepEqual(more, [])
    }
  })

  it('says nothing to a list of just what it has', () => {
    const view = indexOf(itemsFrom(random, 3))
    const ids = [0, 1, 2].map((position) => view.itemAt(position).id.subarray(0, SHORT_ID_BYTES))
    const { message, named, wanted } = reconcile(view, [{ upper: END, kind: 'list', ids }], 0, MAX_SYNC_FRAME)
    assert.deepEqual([message, named, wanted], [undefined, [], []])
  })

  it('speaks of a range up to its end, not only to the last item it has there', () => {
    const view = indexOf([...itemsFrom(random, MAX_SYNC_LIST + 1, 10), ...itemsFrom(random, 5, 5)])
    const lastOf = (range: SyncRange): SyncRange =>
      must(rangesOf(reconcile(view, [range], 0, MAX_SYNC_FRAME).message).at(-1))
    const upper = endOf(10)
    const split = lastOf({ upper, kind: 'fingerprint', fingerprint: new Uint8Array(FINGERPRINT_BYTES) })
    const answer = lastOf({ upper, kind: 'list', ids: [] })
    assert.deepEqual([split.upper, answer.upper], [upper, upper])
  })

  it('says no more once something did not fit, but hears all that was said', () => {
    const days = [10, 9, 8, 7]
    const view = indexOf(days.flatMap((day) => itemsFrom(random, MAX_SYNC_LIST, day)))
    const wrong = new Uint8Array(FINGERPRINT_BYTES)
    const right = view.fingerprint(MAX_SYNC_LIST, 2 * MAX_SYNC_LIST)
    const id = random(SHORT_ID_BYTES)
    const ranges: readonly SyncRange[] = [
      { upper: endOf(10), kind: 'fingerprint', fingerprint: wrong },
      { upper: endOf(9), kind: 'fingerprint', fingerprint: right },
      { upper: endOf(8), kind: 'answer', missing: [7], ids: [id] },
      { upper: END, kind: 'fingerprint', fingerprint: wrong }
    ]
    const { message, missing, wanted } = reconcile(view, ranges, 3, LEAST_LIST - 1)
    const fingerprint = view.fingerprint(0, view.size)
    assert.deepEqual(rangesOf(message), [{ upper: END, kind: 'fingerprint', fingerprint }])
    assert.deepEqual([missing, wanted], [[7], [{ number: 3, id }]])
  })

  it('answers any bytes within its bounds', () => {
    const view = indexOf(spread(2_000, 20_000, 3))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const ranges = decodeRanges(bytes)
        if (ranges === undefined) return
        const { message } = reconcile(view, ranges, 0, MIN_SYNC_FRAME)
        assert.ok((message?.length ?? 0) <= MIN_SYNC_FRAME)
      })
    )
  })

  it('does not walk the whole set for a range that names a few ids', () => {
    const index = indexOf(spread(50_000, 20_000, 3))
    let looked = 0
    const view: ItemView = {
      size: index.size,
      rank: (bound) => index.rank(bound),
      itemAt: (position) => {
        looked++
        return index.itemAt(position)
      },
      fingerprint: (from, to) => index.fingerprint(from, to)
    }
    const ids = itemsFrom(random, 20).map(({ id }) => id.subarray(0, 16))
    const end = { order: 0x1_0000, prefix: new Uint8Array(0) }
    reconcile(view, [{ upper: end, kind: 'answer', missing: [], ids }], 0, MAX_SYNC_FRAME)
    assert.ok(looked < 200, `${String(looked)} items`)
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isMessengerError, type ErrorCode } from '../../src/errors.js'
import type { KeyRange, Store, Write } from '../../src/storage/store.js'
import { keysOf, pairsOf, put, remove, text, value } from '../support/store-pairs.js'

/** A store, opened empty, and what a test may do to it. */
export interface OpenedStore {
  readonly store: Store
  /** Closes what is open and opens the same records again; left out by stores that end when closed. */
  readonly reopen?: () => Promise<Store>
  /** Opens the same records a second time; left out where nobody else can. */
  readonly openSecond?: () => Promise<Store>
  /** Closes what is open and removes every trace. */
  readonly dispose: () => Promise<void>
}

/** What a store may lack and still be right. */
export interface StoreTraits {
  /** Has {@link OpenedStore.reopen}. */
  readonly lasting: boolean
  /** Has {@link OpenedStore.openSecond}. */
  readonly locked: boolean
}

/** What Hallig relies on in every store. An adapter of yours is right when this passes. */
export function storeConformance(name: string, open: () => Promise<OpenedStore>, traits: StoreTraits): void {
  describe(`the ${name} store keeps the contract and`, () => {
    let opened: OpenedStore
    let store: Store
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(() => opened.dispose())

    conformRecords(() => store)
    conformRanges(() => store)
    conformCommits(() => store)
    conformClosing(() => opened)
    if (traits.lasting) conformReopening(() => opened)
    if (traits.locked) conformLock(() => opened)
    conformModel(open)
  })
}

function conformRecords(store: () => Store): void {
  it('returns what was put, and undefined for what was not', async () => {
    await store().commit([put('a/1', 'one')])
    assert.equal(text(await store().get('a/1')), 'one')
    assert.equal(await store().get('a/2'), undefined)
    assert.equal(await store().get('a'), undefined)
  })

  it('replaces and deletes', async () => {
    await store().commit([put('a', 'one'), put('b', 'two')])
    await store().commit([put('a', 'three'), remove('b'), remove('never there')])
    assert.deepEqual(await pairsOf(store()), [['a', 'three']])
  })

  it('keeps empty and large values', async () => {
    const large = Uint8Array.from({ length: 100_000 }, (_, index) => index * 7)
    await store().commit([put('empty', ''), put('large', large)])
    assert.deepEqual(await bytesOf(store(), 'empty'), [])
    assert.deepEqual(await bytesOf(store(), 'large'), [...large])
  })

  it('shares no bytes with its callers', async () => {
    const given = value('secret')
    await store().commit([put('a', given)])
    given.fill(0)
    const got = await store().get('a')
    got?.fill(0)
    for await (const [, ranged] of store().range({})) ranged.fill(0)
    assert.equal(text(await store().get('a')), 'secret')
  })

  it('returns plain arrays', async () => {
    await store().commit([put('a', 'one')])
    const values = [await store().get('a')]
    for await (const [, ranged] of store().range({})) values.push(ranged)
    for (const bytes of values) assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype)
  })

  it('takes every printable key', async () => {
    const key = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('')
    await store().commit([put(key, 'x'), put(key.repeat(8), 'y')])
    assert.deepEqual(await pairsOf(store()), [
      [key, 'x'],
      [key.repeat(8), 'y']
    ])
  })
}

function conformRanges(store: () => Store): void {
  const all = ['A', 'a', 'a/', 'a/1', 'a/10', 'a/2', 'a0', 'b/1']
  const cases: readonly (readonly [KeyRange, readonly string[]])[] = [
    [{}, all],
    [{ reverse: true }, all.toReversed()],
    [{ gte: 'a/', lt: 'a0' }, ['a/', 'a/1', 'a/10', 'a/2']],
    [{ gt: 'a/', lte: 'a0' }, ['a/1', 'a/10', 'a/2', 'a0']],
    [{ gt: 'a/', lt: 'a0', reverse: true }, ['a/2', 'a/10', 'a/1']],
    [{ gte: 'a/', lte: 'a0', reverse: true, limit: 2 }, ['a0', 'a/2']],
    [{ gte: 'a/11', limit: 1 }, ['a/2']],
    [{ lt: 'a/11', limit: 1, reverse: true }, ['a/10']],
    [{ limit: 3 }, ['A', 'a', 'a/']],
    [{ limit: 0 }, []],
    [{ limit: 100 }, all],
    [{ gt: 'b/1' }, []],
    [{ lt: 'A' }, []],
    [{ gte: 'b', lte: 'a' }, []],
    [{ gte: 'b', lte: 'a', reverse: true }, []]
  ]
  for (const [range, expected] of cases) {
    it(`reads the range ${JSON.stringify(range)} in order`, async () => {
      await store().commit(all.toReversed().map((key) => put(key, key)))
      assert.deepEqual(await keysOf(store(), range), expected)
    })
  }

  it('reads a long range whole, both ways', async () => {
    const keys = Array.from({ length: 2500 }, (_, index) => `k/${String(index).padStart(5, '0')}`)
    await store().commit(keys.map((key) => put(key, key)))
    assert.deepEqual(await keysOf(store(), { gte: 'k/' }), keys)
    assert.deepEqual(await keysOf(store(), { gte: 'k/', reverse: true }), keys.toReversed())
  })

  it('can be left in the middle of a range', async () => {
    await store().commit([put('a', '1'), put('b', '2'), put('c', '3')])
    for await (const [key] of store().range({})) if (key === 'b') break
    assert.deepEqual(await keysOf(store()), ['a', 'b', 'c'])
  })

  it('ends a range with ABORTED when its signal is aborted, before or in the middle', async () => {
    await store().commit([put('a', '1'), put('b', '2'), put('c', '3')])
    const controller = new AbortController()
    const seen: string[] = []
    await rejectsWith('ABORTED', async () => {
      for await (const [key] of store().range({ signal: controller.signal })) {
        seen.push(key)
        controller.abort()
      }
    })
    assert.deepEqual(seen, ['a'])
    await rejectsWith('ABORTED', () => keysOf(store(), { signal: controller.signal }))
  })

  it('takes commits while a range is read', async () => {
    await store().commit([put('a', '1'), put('b', '2'), put('c', '3')])
    for await (const [key] of store().range({}))
      await store().commit([remove(key), put(`${key}${key}`, 'new')])
    assert.deepEqual(await keysOf(store()), ['aa', 'bb', 'cc'])
  })

  it('never shows a torn commit in a range', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `k/${String(index)}`)
    const write = (round: number): Write[] => keys.map((key) => put(key, String(round)))
    await store().commit(write(0))
    const progress = { writing: true }
    const writer = (async () => {
      for (let round = 1; round <= 30; round++) await store().commit(write(round))
      progress.writing = false
    })()
    while (progress.writing) {
      const values = (await pairsOf(store())).map(([, content]) => content)
      assert.equal(values.length, keys.length)
      assert.equal(new Set(values).size, 1, values.join())
    }
    await writer
  })
}

function conformCommits(store: () => Store): void {
  it('lets the later of two writes to one key win', async () => {
    await store().commit([
      put('a', '1'),
      put('a', '2'),
      put('b', '1'),
      remove('b'),
      remove('c'),
      put('c', '3')
    ])
    assert.deepEqual(await pairsOf(store()), [
      ['a', '2'],
      ['c', '3']
    ])
  })

  it('takes an empty commit', async () => {
    await store().commit([])
    assert.deepEqual(await keysOf(store()), [])
  })

  it('applies concurrent commits in the order they were made', async () => {
    const rounds = Array.from({ length: 200 }, (_, index) => String(index))
    await Promise.all(rounds.map((round) => store().commit([put(`k/${round}`, round), put('last', round)])))
    assert.equal(text(await store().get('last')), '199')
    assert.equal((await keysOf(store(), { gte: 'k/', lt: 'k0' })).length, rounds.length)
  })

  it('shows a commit to whoever reads after it', async () => {
    for (let round = 0; round < 20; round++) {
      await store().commit([put('a', String(round))])
      assert.equal(text(await store().get('a')), String(round))
    }
  })
}

function conformClosing(opened: () => OpenedStore): void {
  it('rejects everything with CLOSED once closed, and closes twice', async () => {
    const { store } = opened()
    await store.commit([put('a', '1')])
    await store.close()
    await store.close()
    await rejectsWith('CLOSED', () => store.get('a'))
    await rejectsWith('CLOSED', () => keysOf(store))
    await rejectsWith('CLOSED', () => store.commit([put('b', '2')]))
  })

  it('ends a range under way with CLOSED', async () => {
    const { store } = opened()
    await store.commit(Array.from({ length: 3000 }, (_, index) => put(`k/${String(index)}`, 'x')))
    await rejectsWith('CLOSED', async () => {
      for await (const [key] of store.range({})) if (key === 'k/1') await store.close()
    })
  })
}

function conformReopening(opened: () => OpenedStore): void {
  it('finishes the commits under way before it closes, and shows them to the next opener', async () => {
    const { store, reopen } = opened()
    assert.ok(reopen)
    const commits = Array.from({ length: 20 }, (_, index) => store.commit([put(`k/${String(index)}`, 'x')]))
    const closing = store.close()
    await Promise.all([...commits, closing])
    assert.equal((await keysOf(await reopen())).length, commits.length)
  })
}

function conformLock(opened: () => OpenedStore): void {
  it('refuses a second opener with STORE_LOCKED', async () => {
    const { store, openSecond } = opened()
    assert.ok(openSecond)
    await rejectsWith('STORE_LOCKED', openSecond)
    await store.commit([put('a', '1')])
    assert.equal(text(await store.get('a')), '1')
  })
}

type Step =
  | { readonly kind: 'commit'; readonly writes: readonly Write[] }
  | { readonly kind: 'range'; readonly range: KeyRange }
  | { readonly kind: 'reopen' }

const key = fc.oneof(
  fc.stringMatching(/^[ab]\/[0-4]$/),
  fc.stringMatching(/^[!-g]{1,3}$/),
  fc.constantFrom('a', 'b')
)
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key, value: fc.uint8Array({ maxLength: 20 }) }),
  fc.record({ type: fc.constant('delete' as const), key })
)
const range: fc.Arbitrary<KeyRange> = fc
  .record({
    lower: fc.option(fc.record({ end: fc.constantFrom('gt' as const, 'gte' as const), key })),
    upper: fc.option(fc.record({ end: fc.constantFrom('lt' as const, 'lte' as const), key })),
    reverse: fc.boolean(),
    limit: fc.option(fc.nat(6))
  })
  .map(({ lower, upper, reverse, limit }) => ({
    ...(lower === null ? {} : { [lower.end]: lower.key }),
    ...(upper === null ? {} : { [upper.end]: upper.key }),
    ...(limit === null ? {} : { limit }),
    reverse
  }))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('commit' as const), writes: fc.array(write, { maxLength: 6 }) })
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('range' as const), range }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) }
)

function conformModel(open: () => Promise<OpenedStore>): void {
  it('does what a sorted map would', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { store, reopen, dispose } = await open()
        try {
          await followModel(store, reopen, steps)
        } finally {
          await dispose()
        }
      }),
      { numRuns: 25 }
    )
  })
}

async function followModel(
  first: Store,
  reopen: OpenedStore['reopen'],
  steps: readonly Step[]
): Promise<void> {
  const model = new Map<string, Uint8Array>()
  let store = first
  for (const step of steps) {
    if (step.kind === 'commit') {
      for (const write of step.writes) {
        if (write.type === 'put') model.set(write.key, write.value)
        else model.delete(write.key)
      }
      await store.commit(step.writes)
    } else if (step.kind === 'reopen') {
      store = (await reopen?.()) ?? store
    } else {
      const pairs: [string, number[]][] = []
      for await (const [key, bytes] of store.range(step.range)) pairs.push([key, [...bytes]])
      assert.deepEqual(pairs, expectedPairs(model, step.range))
    }
  }
  for (const [key, bytes] of model) assert.deepEqual(await bytesOf(store, key), [...bytes])
}

function expectedPairs(model: ReadonlyMap<string, Uint8Array>, range: KeyRange): [string, number[]][] {
  const { gt, gte, lt, lte, reverse = false, limit = Infinity } = range
  const sorted = [...model].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const inside = sorted.filter(
    ([key]) =>
      (gt === undefined || key > gt) &&
      (gte === undefined || key >= gte) &&
      (lt === undefined || key < lt) &&
      (lte === undefined || key <= lte)
  )
  const ordered = reverse ? inside.toReversed() : inside
  return ordered.slice(0, limit).map(([key, bytes]) => [key, [...bytes]])
}

async function bytesOf(store: Store, key: string): Promise<number[] | undefined> {
  const bytes = await store.get(key)
  return bytes === undefined ? undefined : [...bytes]
}

async function rejectsWith(code: ErrorCode, attempt: () => Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error) => isMessengerError(error, code))
}

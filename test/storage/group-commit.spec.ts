import assert from 'node:assert/strict'
import { isMessengerError } from '../../src/errors.js'
import { groupCommit } from '../../src/storage/group-commit.js'
import type { Store, Write } from '../../src/storage/store.js'
import { storeConformance } from '../conformance/store.js'
import { openLevel } from '../support/store-opened.js'
import { put } from '../support/store-pairs.js'

storeConformance('grouped Level', () => openLevel((store) => Promise.resolve(groupCommit(store))), {
  lasting: true,
  locked: true
})

interface Underway {
  readonly writes: readonly Write[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A store whose commits end when the test says so. */
function controlledStore(): { store: Store; commits: Underway[]; closed: () => boolean } {
  const commits: Underway[] = []
  let closed = false
  return {
    commits,
    closed: () => closed,
    store: {
      get: () => Promise.resolve(undefined),
      range: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) })
      }),
      commit: (writes) => new Promise((resolve, reject) => commits.push({ writes, resolve, reject })),
      close: () => {
        closed = true
        return Promise.resolve()
      }
    }
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const keys = (underway: Underway | undefined): string[] => (underway?.writes ?? []).map(({ key }) => key)

describe('group commit', () => {
  it('merges the commits made in one breath, and those made while a write is under way', async () => {
    const { store, commits } = controlledStore()
    const grouped = groupCommit(store)
    const first = [grouped.commit([put('a', '')]), grouped.commit([put('b', '')])]
    await turn()
    const second = [grouped.commit([put('c', ''), put('d', '')]), grouped.commit([put('e', '')])]
    await turn()
    assert.deepEqual(commits.map(keys), [['a', 'b']])
    commits[0]?.resolve()
    await Promise.all(first)
    await turn()
    assert.deepEqual(commits.map(keys), [
      ['a', 'b'],
      ['c', 'd', 'e']
    ])
    commits[1]?.resolve()
    await Promise.all(second)
  })

  it('rejects everybody whose writes were in a failed commit, and goes on with the others', async () => {
    const { store, commits } = controlledStore()
    const grouped = groupCommit(store)
    const failed = [grouped.commit([put('a', '')]), grouped.commit([put('b', '')])]
    await turn()
    const next = grouped.commit([put('c', '')])
    commits[0]?.reject(new Error('disk on fire'))
    for (const outcome of await Promise.allSettled(failed)) {
      assert.equal(outcome.status, 'rejected')
    }
    await turn()
    assert.deepEqual(keys(commits[1]), ['c'])
    commits[1]?.resolve()
    await next
  })

  it('keeps a commit within its bounds, by writes and by bytes, and makes a larger one alone', async () => {
    const { store, commits } = controlledStore()
    const grouped = groupCommit(store, { maxWrites: 3, maxBytes: 100 })
    const done = [
      grouped.commit([put('a1', ''), put('a2', '')]),
      grouped.commit([put('b1', ''), put('b2', '')]),
      grouped.commit([put('c1', new Uint8Array(500))]),
      grouped.commit([put('d1', new Uint8Array(60))]),
      grouped.commit([put('e1', new Uint8Array(60))])
    ]
    const expected = [['a1', 'a2'], ['b1', 'b2'], ['c1'], ['d1'], ['e1']]
    for (let index = 0; index < expected.length; index++) {
      await turn()
      assert.deepEqual(keys(commits[index]), expected[index])
      commits[index]?.resolve()
    }
    await Promise.all(done)
  })

  it('closes after the last commit, and takes none from then on', async () => {
    const { store, commits, closed } = controlledStore()
    const grouped = groupCommit(store)
    const last = grouped.commit([put('a', '')])
    const closing = grouped.close()
    await assert.rejects(grouped.commit([put('b', '')]), (error) => isMessengerError(error, 'CLOSED'))
    await turn()
    assert.equal(closed(), false)
    commits[0]?.resolve()
    await Promise.all([last, closing])
    assert.equal(closed(), true)
    assert.equal(commits.length, 1)
  })

  it('says in words what it does not take', () => {
    const { store } = controlledStore()
    for (const given of [
      [],
      [null],
      [{}],
      [store, null],
      [store, { maxWrites: 0 }],
      [store, { maxBytes: '1' }]
    ])
      assert.throws(() => Reflect.apply(groupCommit, undefined, given), { code: 'OPTIONS_INVALID' })
  })
})

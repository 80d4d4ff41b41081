import assert from 'node:assert/strict'
import { TableScan } from '../../src/messenger/table-scan.js'
import type { KeyRange } from '../../src/storage/store.js'

type Pair = readonly [key: string, value: Uint8Array]

const pairs = ['t/a/1', 't/a/2', 't/c/1', 't/d/1', 't/d/2', 't/f/1'].map((key): Pair => [
  key,
  new TextEncoder().encode(key)
])

/** A store with these pairs whose ranges are cut at a key that the database cannot read. */
class Pages {
  readonly asked: KeyRange[] = []
  readonly #unreadable: string | undefined

  constructor(unreadable?: string) {
    this.#unreadable = unreadable
  }

  async *range(range: KeyRange, onCut?: () => void): AsyncIterable<Pair> {
    this.asked.push(range)
    for (const pair of pairs) {
      const [key] = pair
      if (key < (range.gte ?? '') || key >= (range.lt ?? '~')) continue
      await Promise.resolve()
      if (key === this.#unreadable) {
        onCut?.()
        return
      }
      yield pair
    }
  }
}

async function takeAll(store: Pages, names: readonly string[]): Promise<string[][]> {
  const scan = new TableScan(store, 't/')
  const taken: string[][] = []
  for (const name of names) taken.push((await scan.take(`t/${name}/`)).map(([key]) => key))
  await scan.close()
  return taken
}

describe('messenger/table-scan', () => {
  it('hands out the records of each contact in one pass, and leaves out those of nobody', async () => {
    const store = new Pages()
    assert.deepEqual(await takeAll(store, ['a', 'b', 'd', 'e', 'f', 'g']), [
      ['t/a/1', 't/a/2'],
      [],
      ['t/d/1', 't/d/2'],
      [],
      ['t/f/1'],
      []
    ])
    assert.equal(store.asked.length, 1)
  })

  it('asks for each contact by itself behind damage, so that it costs that contact alone', async () => {
    const store = new Pages('t/d/2')
    assert.deepEqual(await takeAll(store, ['a', 'c', 'd', 'f']), [
      ['t/a/1', 't/a/2'],
      ['t/c/1'],
      ['t/d/1'],
      ['t/f/1']
    ])
  })
})

import assert from 'node:assert/strict'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMessengerError } from '../../src/errors.js'
import { groupCommit } from '../../src/storage/group-commit.js'
import { hasLost } from '../../src/storage/level-files/node.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { openSealedStore, type SealedStore, type Unlock } from '../../src/storage/sealed-store.js'
import { put, text } from '../support/store-pairs.js'
import { freshSeed, seededRandom } from '../support/store-random.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const key: Unlock = { kind: 'key', key: new Uint8Array(32).fill(9) }
const passphrase = (words: string): Unlock => ({ kind: 'passphrase', passphrase: words })
const RECORDS = 400
const FLIPS = 40
/** Incompressible, so that a flip hits a value and not only the shape of a table. */
const content = (index: number): string =>
  Buffer.from(seededRandom(`value ${String(index)}`)(300)).toString('latin1')

describe('the files of a sealed Level store', () => {
  const seed = freshSeed()
  const random = seededRandom(seed)
  let directory: TemporaryDirectory
  let path: string
  beforeEach(async () => {
    directory = await temporaryDirectory()
    path = join(directory.path, 'store')
  })
  afterEach(() => directory.remove())

  async function open(at: string, unlock: Unlock, damaged: string[] = []): Promise<SealedStore> {
    const level = await openLevelStore(at, { durability: 'process-crash' })
    const onDamaged = (name: string): void => void damaged.push(name)
    try {
      return await openSealedStore(groupCommit(level), {
        unlock,
        random,
        onDamaged,
        scryptCost: { N: 16, r: 8, p: 1 }
      })
    } catch (error) {
      await level.close()
      throw error
    }
  }

  it('Invariant 15: hold no value and no name of anybody, in the log and in tables', async () => {
    const store = await open(path, key)
    for (let index = 0; index < RECORDS; index++) {
      const name = store.blind('contact', `canary-name-${String(index)}`)
      await store.commit([put(`contact/${name}`, `canary-value-${String(index)}: ${content(index)}`)])
    }
    await assertNowhere(path, ['canary'])
    await store.scrub?.('header')
    await store.close()
    await (await open(path, key)).close()
    const files = await readdir(path)
    assert.ok(files.some((file) => file.endsWith('.ldb')))
    await assertNowhere(path, ['canary'])
    // The same search does find what is not sealed.
    await assert.rejects(assertNowhere(path, ['contact/']))
  })

  it('forget the old key when it is changed, and every key when it is destroyed', async () => {
    const store = await open(path, passphrase('first'))
    const first = await headerOf(path, store)
    await store.changeKey(passphrase('second'))
    const second = await headerOf(path, store)
    await store.commit([put('a', 'secret')])
    // The salt and the wrapped key: the rest of the header is in both.
    await assertNowhere(path, [first.subarray(29)])
    await store.destroyKey()
    await assertNowhere(path, [first.subarray(29), second.subarray(29)])
    await assert.rejects(open(path, passphrase('second')), (error) =>
      isMessengerError(error, 'STORE_DAMAGED')
    )
  })

  /** The header as it lies in the files. */
  async function headerOf(at: string, store: SealedStore): Promise<Buffer> {
    await store.scrub?.('header')
    for (const bytes of await filesOf(at)) {
      const start = bytes.indexOf('HALS')
      if (start >= 0) return Buffer.from(bytes.subarray(start, start + 113))
    }
    throw new Error('No header in the files')
  }

  it(`never give a wrong value when a bit is flipped, and tell of the damage (seed ${String(seed)})`, async () => {
    const store = await open(path, key)
    for (let index = 0; index < RECORDS; index++) {
      await store.commit([put(`message/${String(index).padStart(5, '0')}`, content(index))])
      if (index === RECORDS / 2) await store.scrub?.('message/')
    }
    await store.close()
    const outcomes = { refused: 0, damaged: 0, missing: 0, whole: 0 }
    for (let flip = 0; flip < FLIPS; flip++) {
      const copy = join(directory.path, `copy-${String(flip)}`)
      await cp(path, copy, { recursive: true })
      const isTable = flip % 2 === 0
      await flipBit(copy, isTable ? /\.ldb$/ : /\.log$|^MANIFEST/)
      const outcome = await readFlipped(copy)
      outcomes[outcome]++
      // A record that is missing may be there in an older version: of sessions, keys would be used twice.
      if (isTable && outcome === 'missing') assert.ok(await hasLost(copy))
    }
    console.log(`      ${JSON.stringify(outcomes)}`)
    assert.ok(outcomes.damaged > FLIPS / 6, JSON.stringify(outcomes))
  })

  /** Flips one bit anywhere in the files whose names match. */
  async function flipBit(at: string, which: RegExp): Promise<void> {
    const files = (await readdir(at)).filter((file) => which.test(file)).toSorted()
    const sizes = await Promise.all(files.map(async (file) => (await readFile(join(at, file))).length))
    let position = below(sizes.reduce((sum, size) => sum + size, 0))
    let chosen = 0
    while (position >= (sizes[chosen] ?? Infinity)) position -= sizes[chosen++] ?? 0
    const file = join(at, files[chosen] ?? '')
    const bytes = await readFile(file)
    bytes[position] = (bytes[position] ?? 0) ^ (1 << below(8))
    await writeFile(file, bytes)
  }

  function below(limit: number): number {
    const bytes = random(4)
    return new DataView(bytes.buffer).getUint32(0) % limit
  }

  /** Reads everything of a store with a flipped bit, one by one and as a range; fails on a wrong value. */
  async function readFlipped(at: string): Promise<'refused' | 'damaged' | 'missing' | 'whole'> {
    const damaged: string[] = []
    let store: SealedStore
    try {
      store = await open(at, key, damaged)
    } catch (error) {
      assert.ok(isMessengerError(error, 'STORE_DAMAGED'), String(error))
      return 'refused'
    }
    let found = 0
    for await (const [name, value] of store.range({ gte: 'message/' })) {
      assert.equal(text(value), content(Number(name.slice('message/'.length))))
      found++
    }
    let rejected = 0
    for (let index = 0; index < RECORDS; index++) {
      try {
        const value = await store.get(`message/${String(index).padStart(5, '0')}`)
        if (value !== undefined) assert.equal(text(value), content(index))
      } catch (error) {
        assert.ok(isMessengerError(error, 'RECORD_DAMAGED'), String(error))
        rejected++
      }
    }
    await store.close()
    if (damaged.length > 0 || rejected > 0) return 'damaged'
    return found < RECORDS ? 'missing' : 'whole'
  }
})

async function filesOf(path: string): Promise<Buffer[]> {
  const names = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile())
  return Promise.all(names.map(({ name }) => readFile(join(path, name))))
}

async function assertNowhere(path: string, needles: readonly (string | Uint8Array)[]): Promise<void> {
  for (const bytes of await filesOf(path)) {
    for (const needle of needles) assert.equal(bytes.indexOf(needle), -1)
  }
}

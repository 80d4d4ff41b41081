import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createMemoryStore,
  createMessenger,
  wipeStore,
  type Messenger,
  type MessengerOptions
} from '../../src/index.js'
import { wipeMessenger } from '../../src/messenger/wipe.js'
import { createBench } from '../support/messenger-bench.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const QUIET = { network: { listen: ['/ip4/127.0.0.1/tcp/0'], lan: false } } as const
const KEY = new Uint8Array(32).fill(3)

describe('messenger/wipe', () => {
  let directory: TemporaryDirectory
  let path: string

  beforeEach(async () => {
    directory = await temporaryDirectory()
    path = join(directory.path, 'store')
  })
  afterEach(() => directory.remove())

  const ways: Readonly<Record<string, MessengerOptions['unlock']>> = {
    'its key file': undefined,
    'a passphrase': { kind: 'passphrase', passphrase: 'a passphrase' },
    'a key of the app': { kind: 'key', key: KEY }
  }
  for (const [way, unlock] of Object.entries(ways)) {
    it(`leaves nothing of a store that opened with ${way}`, async () => {
      const options = { ...QUIET, path, ...(unlock === undefined ? {} : { unlock }) }
      const messenger = await createMessenger(options)
      const { id } = messenger.identity
      await messenger.wipe()
      assert.ok(!existsSync(path) && !existsSync(`${path}.key`))
      await assert.rejects(messenger.identity.card(), { code: 'CLOSED' })
      await assert.rejects(messenger.wipe(), { code: 'CLOSED' })
      await messenger.close()
      const other = await createMessenger({ ...options, start: false })
      assert.notEqual(other.identity.id, id)
      await other.close()
    })
  }

  it('is done once where it is asked for twice, and both hear of it', async () => {
    const messenger = await createMessenger({ ...QUIET, path, start: false })
    await Promise.all([messenger.wipe(), messenger.wipe()])
    assert.ok(!existsSync(path) && !existsSync(`${path}.key`))
    await assert.rejects(messenger.wipe(), { code: 'CLOSED' })
  })

  it('is whole where the messenger is closed meanwhile, and not begun where that was first', async () => {
    const lasting = createMemoryStore()
    const isEmpty = async (): Promise<boolean> => {
      for await (const _ of lasting.range({ limit: 1 })) return false
      return true
    }
    const open = (): Promise<Messenger> =>
      createMessenger({
        store: {
          get: (key) => lasting.get(key),
          range: (range) => lasting.range(range),
          commit: (writes) => lasting.commit(writes),
          close: () => Promise.resolve()
        },
        unlock: { kind: 'key', key: KEY },
        start: false
      })
    const first = await open()
    const closing = first.close()
    await assert.rejects(first.wipe(), { code: 'CLOSED' })
    await closing
    const second = await open()
    assert.equal(second.identity.id, first.identity.id)
    const wiping = second.wipe()
    await Promise.all([wiping, second.close(), assert.rejects(second.start(), { code: 'CLOSED' })])
    assert.ok(await isEmpty())
  })

  it('closes and removes the data even where the key could not be destroyed, and says so', async () => {
    const bench = createBench()
    const { node, context } = await bench.open('alice')
    const done: string[] = []
    const failure = new Error('the key file is on a read-only disk')
    const wiping = wipeMessenger(context, node, {
      destroyKey: () => Promise.reject(failure),
      removeData: () => {
        done.push(context.state.closed ? 'removed' : 'too early')
        return Promise.resolve()
      }
    })
    await assert.rejects(bench.run(wiping), failure)
    assert.deepEqual(done, ['removed'])
    assert.ok(context.own.record.identity.dh.secretKey.every((byte) => byte === 0))
  })

  it('lets nothing start that was about to, and has what was started stop with its own place in the network', async () => {
    const messenger = await createMessenger({ ...QUIET, path, start: false })
    await Promise.all([assert.rejects(messenger.start(), { code: 'CLOSED' }), messenger.wipe()])

    const bench = createBench()
    const { node, context } = await bench.open('alice', { start: false })
    const { network } = context
    const { networkSeed } = context.own.record
    const { start, stop } = network
    let goOn: () => void = () => undefined
    const waited = new Promise<void>((resolve) => (goOn = resolve))
    const done: string[] = []
    network.start = async (...given) => {
      done.push('begun')
      await waited
      done.push(networkSeed.every((byte) => byte === 0) ? 'started as nobody' : 'started')
      await start.apply(network, given)
    }
    network.stop = async () => {
      done.push('stopped')
      await stop.apply(network)
    }
    const starting = node.start()
    await bench.until(() => done.length > 0)
    const wiping = wipeMessenger(context, node, {
      destroyKey: () => context.store.close(),
      removeData: () => Promise.resolve()
    })
    await bench.clock.advance(10)
    goOn()
    await assert.rejects(bench.run(starting), { code: 'CLOSED' })
    await bench.run(wiping)
    assert.deepEqual(done, ['begun', 'started', 'stopped'])
    assert.ok(networkSeed.every((byte) => byte === 0))
    await assert.rejects(bench.run(node.start()), { code: 'CLOSED' })
  })

  it('takes no key, but not a store that somebody has open', async () => {
    const messenger = await createMessenger({ ...QUIET, path, start: false })
    await assert.rejects(wipeStore(path), { code: 'STORE_LOCKED' })
    assert.ok(existsSync(`${path}.key`))
    await messenger.close()
    await wipeStore(path)
    assert.ok(!existsSync(path) && !existsSync(`${path}.key`))
  })

  it('leaves alone what others keep in its directory, and leaves nothing of its own there', async () => {
    const theirs = ['2026-11-30.log', 'photos']
    await mkdir(join(path, 'photos'), { recursive: true })
    await writeFile(join(path, '2026-11-30.log'), 'The app has started')
    await writeFile(join(path, 'photos', '000001.log'), '')
    await wipeStore(path)
    assert.deepEqual((await readdir(path)).sort(), theirs)
    for (const wipe of [(messenger: Messenger) => messenger.wipe(), () => wipeStore(path)]) {
      const messenger = await createMessenger({ ...QUIET, path, start: false })
      // What a process leaves that dies while it looks for damage, and while it sees whether there is space.
      await writeFile(join(path, 'lost'), '')
      await mkdir(join(path, 'space'))
      await writeFile(join(path, 'space', '0'), '')
      if (wipe.length === 0) await messenger.close()
      await wipe(messenger)
      assert.deepEqual((await readdir(path)).sort(), theirs)
    }
    assert.deepEqual(await readdir(join(path, 'photos')), ['000001.log'])
  })

  it('is what the loss of its key is to a store, and the error says so', async () => {
    const messenger = await createMessenger({
      ...QUIET,
      path,
      start: false,
      unlock: { kind: 'key', key: KEY }
    })
    await messenger.close()
    for (const unlock of [
      { kind: 'key', key: new Uint8Array(32).fill(2) },
      { kind: 'passphrase', passphrase: 'whatever' },
      { kind: 'key-file', file: join(directory.path, 'none.key') }
    ] as const) {
      await assert.rejects(createMessenger({ ...QUIET, path, start: false, unlock }), { code: 'WRONG_KEY' })
    }
  })
})

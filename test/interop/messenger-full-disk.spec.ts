import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Message, Messenger } from '../../src/index.js'
import { createMemoryHub, createMessenger, isMessengerError, wipeStore } from '../../src/index.js'
import { textOf } from '../../src/simulator/person.js'
import { realClock } from '../support/network-libp2p.js'
import { waitFor } from '../support/network-wait.js'
import { mountSmallDisk, type SmallDisk } from '../support/store-disk.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const DISK_MEBIBYTES = 16
const BALLAST_BYTES = 10 * 1024 * 1024
const KEY = { kind: 'key', key: new Uint8Array(32).fill(9) } as const
const LARGE = '.'.repeat(20_000)

describe('a messenger on a full disk', function () {
  this.timeout(60_000)
  let directory: TemporaryDirectory
  let disk: SmallDisk | undefined
  let opened: Messenger[]

  beforeEach(async function () {
    directory = await temporaryDirectory()
    opened = []
    disk = await mountSmallDisk(join(directory.path, 'disk'), DISK_MEBIBYTES)
    if (disk === undefined) {
      console.log('    not tested here: a small disk needs root and the right to mount')
      this.skip()
    }
  })
  afterEach(async () => {
    for (const messenger of opened) await messenger.close()
    disk?.unmount()
    await directory.remove()
  })

  const ballast = (): string => join(directory.path, 'disk', 'ballast')

  /** Alice on the small disk and Bob in memory, who have met. */
  async function openBoth(): Promise<
    readonly [Messenger, Messenger, Message['conversationId'], Message['conversationId']]
  > {
    await writeFile(ballast(), new Uint8Array(BALLAST_BYTES))
    const hub = createMemoryHub({ clock: realClock, seed: 1, delay: [0, 1] })
    const path = join(directory.path, 'disk', 'store')
    const alice = await createMessenger({
      name: 'alice',
      path,
      unlock: KEY,
      network: hub.createNetwork('alice')
    })
    const bob = await createMessenger({ name: 'bob', network: hub.createNetwork('bob') })
    opened.push(alice, bob)
    const toBob = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    await alice.send(toBob.conversationId, 'hello')
    await waitFor('bob to know alice', () => received(bob) === 1, 10_000)
    const [toAlice] = await bob.contacts.list()
    assert.ok(toAlice !== undefined)
    return [alice, bob, toBob.conversationId, toAlice.conversationId]
  }

  const counts = new Map<Messenger, { received: number }>()
  function received(messenger: Messenger): number {
    const known = counts.get(messenger)
    if (known !== undefined) return known.received
    const count = { received: 0 }
    counts.set(messenger, count)
    messenger.addEventListener('message:receive', () => count.received++)
    return 0
  }

  async function textsOf(messenger: Messenger, id: Message['conversationId']): Promise<string[]> {
    const texts: string[] = []
    for await (const message of messenger.conversations.messages(id, { limit: 100_000 }))
      texts.push(textOf(message))
    return texts
  }

  it('says that its disk is full, keeps all it acknowledged, and goes on when there is space again', async () => {
    const [alice, bob, toBob, toAlice] = await openBoth()
    const states: string[] = []
    alice.addEventListener('storage:update', ({ detail }) => states.push(detail.storage))
    received(alice)
    await alice.status()
    const acknowledged: string[] = []
    let refused: unknown
    for (let n = 0; refused === undefined; n++) {
      assert.ok(n < 2_000, 'the disk never filled up')
      const text = `${String(n)} ${LARGE}`
      await alice.send(toBob, text).then(
        () => acknowledged.push(text),
        (error: unknown) => (refused = error)
      )
    }
    assert.ok(isMessengerError(refused, 'STORE_FULL'), inspect(refused))
    await waitFor('word of it', () => states.includes('full'), 5_000)
    assert.equal((await alice.status()).storage, 'full')
    // Reading goes on; what arrives now is not acknowledged.
    const known = await textsOf(alice, toBob)
    for (const text of acknowledged) assert.ok(known.includes(text))
    const statuses: string[] = []
    bob.addEventListener('message:update', ({ detail }) => statuses.push(detail.status))
    for (let n = 0; n < 20; n++) await bob.send(toAlice, `from bob ${String(n)} ${LARGE}`)
    await rm(ballast())
    const later = await sendSoon(alice, toBob, 'there is space again')
    assert.equal(later.status, 'queued')
    await waitFor('alice to hear bob', () => received(alice) === 20, 30_000)
    await waitFor('the status', () => states.at(-1) === 'ok', 5_000)
    await waitFor('bob to hear alice', () => received(bob) === acknowledged.length + 2, 30_000)
    const [hers, his] = [await textsOf(alice, toBob), await textsOf(bob, toAlice)]
    assert.deepEqual(hers, his)
    assert.equal(new Set(hers).size, hers.length)
    // All of it is on the disk.
    await alice.close()
    const path = join(directory.path, 'disk', 'store')
    const again = await createMessenger({ path, unlock: KEY, start: false })
    opened.push(again)
    assert.deepEqual(await textsOf(again, toBob), hers)
  })

  for (const [way, wipe] of [
    ['the messenger', (messenger: Messenger) => messenger.wipe()],
    [
      'whoever opens it no more',
      async (messenger: Messenger, path: string) => {
        await messenger.close()
        await wipeStore(path)
      }
    ]
  ] as const)
    it(`leaves nothing of its store on it when ${way} wipes it`, async () => {
      const [alice, , toBob] = await openBoth()
      const path = join(directory.path, 'disk', 'store')
      let refused: unknown
      for (let n = 0; refused === undefined; n++) {
        assert.ok(n < 2_000, 'the disk never filled up')
        await alice.send(toBob, `${String(n)} ${LARGE}`).catch((error: unknown) => (refused = error))
      }
      await writeFile(
        join(directory.path, 'disk', 'rest'),
        new Uint8Array(DISK_MEBIBYTES * 1024 * 1024)
      ).catch(() => undefined)
      await wipe(alice, path)
      assert.ok(!existsSync(path) && !existsSync(`${path}.key`))
    })

  /** A person would try again after a moment. */
  async function sendSoon(
    messenger: Messenger,
    id: Message['conversationId'],
    text: string
  ): Promise<Message> {
    const end = performance.now() + 5_000
    for (;;) {
      try {
        return await messenger.send(id, text)
      } catch (error) {
        if (performance.now() > end) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  it('refuses to open a new store on it, and leaves nothing that keeps it from doing so later', async () => {
    await writeFile(ballast(), new Uint8Array(DISK_MEBIBYTES * 1024 * 1024 - 4_096)).catch(() => undefined)
    await writeFile(join(directory.path, 'disk', 'rest'), new Uint8Array(1024 * 1024)).catch(() => undefined)
    const path = join(directory.path, 'disk', 'store')
    await assert.rejects(createMessenger({ path, start: false }), (error) => {
      assert.ok(isMessengerError(error), String(error))
      assert.ok(['STORE_FULL', 'STORE_UNWRITABLE'].includes(error.code), `${error.code}: ${error.message}`)
      return true
    })
    await rm(ballast(), { force: true })
    await rm(join(directory.path, 'disk', 'rest'), { force: true })
    opened.push(await createMessenger({ path, start: false }))
  })
})

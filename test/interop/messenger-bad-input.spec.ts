import assert from 'node:assert/strict'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { ErrorCode, Messenger, MessengerOptions } from '../../src/index.js'
import { createMemoryHub, createMessenger, isMessengerError } from '../../src/index.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { openSealedStore } from '../../src/storage/sealed-store.js'
import { textOf } from '../../src/simulator/person.js'
import { freePort } from '../support/messenger-processes.js'
import { realClock } from '../support/network-libp2p.js'
import { waitFor } from '../support/network-wait.js'
import { freshSeed, seededRandom } from '../support/store-random.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const DAY = 24 * 3_600_000
const KEY = { kind: 'key', key: new Uint8Array(32).fill(3) } as const

/** Each is noticed to be a copy, so its messenger pays the second of work that a new session with a contact costs. */
const DAMAGED_COPIES = 20

describe('a messenger given something wrong', () => {
  let directory: TemporaryDirectory
  let opened: Messenger[]

  beforeEach(async () => {
    directory = await temporaryDirectory()
    opened = []
  })
  afterEach(async () => {
    for (const messenger of opened) await messenger.close()
    await directory.remove()
  })

  const at = (name: string): string => join(directory.path, name)

  async function open(options: MessengerOptions = {}): Promise<Messenger> {
    const messenger = await createMessenger({ start: false, ...options })
    opened.push(messenger)
    return messenger
  }

  async function assertRefused(options: MessengerOptions, code: ErrorCode): Promise<void> {
    await assert.rejects(open(options), (error) => {
      assert.ok(isMessengerError(error), String(error))
      assert.equal(error.code, code)
      assert.ok(error.message.length > 20, 'a sentence that says what to do')
      return true
    })
  }

  describe('to open its store', () => {
    it('refuses another passphrase, no passphrase and a key, and opens with the right one', async () => {
      const path = at('store')
      const unlock = { kind: 'passphrase', passphrase: 'rising tide' } as const
      const id = await idOf({ path, unlock })
      await assertRefused({ path, unlock: { kind: 'passphrase', passphrase: 'falling tide' } }, 'WRONG_KEY')
      await assertRefused({ path, unlock: { kind: 'passphrase', passphrase: '' } }, 'OPTIONS_INVALID')
      await assertRefused({ path, unlock: KEY }, 'WRONG_KEY')
      await assertRefused({ path }, 'WRONG_KEY')
      assert.equal(await idOf({ path, unlock }), id)
    })

    it('refuses a key file that is missing, foreign, cut off or readable by others', async () => {
      const path = at('store')
      const file = `${path}.key`
      const id = await idOf({ path })
      await idOf({ path: at('other') })
      await rename(file, at('kept'))
      await assertRefused({ path }, 'WRONG_KEY')
      assert.deepEqual((await readdir(directory.path)).toSorted(), ['kept', 'other', 'other.key', 'store'])
      for (const text of ['', 'no key', (await readFile(at('kept'), 'utf8')).slice(0, -9), '0'.repeat(64)]) {
        await writeFile(file, text, { mode: 0o600 })
        await assertRefused({ path }, 'WRONG_KEY')
      }
      await cp(at('other.key'), file)
      await assertRefused({ path }, 'WRONG_KEY')
      await cp(at('kept'), file)
      await chmod(file, 0o644)
      if (process.platform !== 'win32') await assertRefused({ path }, 'KEY_FILE_UNSAFE')
      await chmod(file, 0o600)
      assert.equal(await idOf({ path }), id)
    })

    it('refuses a store of a newer version and leaves it as it is', async () => {
      const path = at('store')
      const level = await openLevelStore(path)
      const sealed = await openSealedStore(level, { unlock: KEY, random: seededRandom(1), schemaVersion: 2 })
      await sealed.close()
      await assertRefused({ path, unlock: KEY }, 'STORE_TOO_NEW')
      const again = await openLevelStore(path)
      await (await openSealedStore(again, { unlock: KEY, random: seededRandom(2), schemaVersion: 2 })).close()
    })

    it('refuses a directory that cannot be written, and one that is a file', async () => {
      await writeFile(at('file'), 'not a store')
      await assertRefused({ path: at('file'), unlock: KEY }, 'STORE_UNWRITABLE')
      await assertRefused({ path: at('file/below'), unlock: KEY }, 'STORE_UNWRITABLE')
      await assertRefused({ path: '/proc/hallig', unlock: KEY }, 'STORE_UNWRITABLE')
      assert.equal(await readFile(at('file'), 'utf8'), 'not a store')
    })

    it('refuses a store that another messenger has open, which goes on', async () => {
      const path = at('store')
      const first = await open({ path, unlock: KEY })
      await assertRefused({ path, unlock: KEY }, 'STORE_LOCKED')
      await first.identity.rename('still here')
      assert.equal(first.identity.name, 'still here')
      await first.close()
      await open({ path, unlock: KEY })
    })

    it('refuses a port in use and leaves its store closed', async () => {
      const server = createServer()
      const port = await freePort()
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
      const path = at('store')
      const network = { listen: [`/ip4/127.0.0.1/tcp/${String(port)}`], lan: false }
      await assertRefused({ path, unlock: KEY, network, start: true }, 'ADDRESS_IN_USE')
      await assertRefused(
        { path, unlock: KEY, network: { listen: ['nowhere'] }, start: true },
        'ADDRESS_INVALID'
      )
      await new Promise((resolve) => server.close(resolve))
      const messenger = await open({ path, unlock: KEY, network, start: true })
      assert.equal((await messenger.status()).started, true)
    })

    it('refuses options that contradict each other', async () => {
      await assertRefused({ network: { name: 'Not A Name' } }, 'OPTIONS_INVALID')
      await assertRefused({ name: 'x'.repeat(65) }, 'OPTIONS_INVALID')
      await assertRefused(
        { path: at('store'), unlock: { kind: 'key', key: new Uint8Array(31) } },
        'OPTIONS_INVALID'
      )
    })
  })

  async function idOf(options: MessengerOptions): Promise<string> {
    const messenger = await createMessenger({ ...options, start: false })
    await messenger.close()
    return messenger.identity.id
  }

  describe('as a contact card', () => {
    it('refuses whatever is none, without a trace', async () => {
      const [alice, bob] = [await open(), await open()]
      const cards = [await alice.identity.card(), await alice.identity.card({ size: 'full', reusable: true })]
      for (const card of [
        '',
        'hallig:',
        'https://example.org',
        'hallig:AAAA',
        `hallig:${'A'.repeat(100_000)}`
      ]) {
        await assert.rejects(bob.contacts.add(card), { code: 'CARD_INVALID' }, card)
      }
      for (const card of cards) {
        const step = Math.ceil(card.length / 60)
        for (let length = 0; length < card.length; length += step) {
          await assert.rejects(
            bob.contacts.add(card.slice(0, length)),
            { code: 'CARD_INVALID' },
            `${length} characters`
          )
          const other = card[length] === 'B' ? 'C' : 'B'
          const mutated = `${card.slice(0, length)}${other}${card.slice(length + 1)}`
          await assert.rejects(bob.contacts.add(mutated), { code: 'CARD_INVALID' }, `character ${length}`)
        }
        await assert.rejects(bob.contacts.add(`${card}AA`), { code: 'CARD_INVALID' })
        await assert.rejects(alice.contacts.add(card), { code: 'CARD_OF_SELF' })
      }
      assert.deepEqual([await bob.contacts.list(), await bob.conversations.list()], [[], []])
    })

    it('refuses one that has expired', async () => {
      let offset = 0
      const clock = { ...realClock, now: () => Date.now() + offset }
      const [alice, bob] = [await open(), await open({ clock })]
      const card = await alice.identity.card({ lifetime: 3_600_000 })
      offset = 3 * DAY
      await assert.rejects(bob.contacts.add(card), { code: 'CARD_EXPIRED' })
      offset = 0
      assert.equal((await bob.contacts.add(card)).id, alice.identity.id)
      for (const lifetime of [0, -1, Number.NaN, 31 * DAY]) {
        await assert.rejects(alice.identity.card({ lifetime }), { code: 'OPTIONS_INVALID' })
      }
    })
  })

  it('to send, refuses it and sends what is right', async () => {
    const [alice, bob] = [await open(), await open()]
    const { conversationId, id } = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    const refused: readonly [Parameters<Messenger['send']>[1], ErrorCode][] = [
      ['', 'CONTENT_INVALID'],
      ['\ud800', 'CONTENT_INVALID'],
      ['x'.repeat(30_721), 'TOO_LARGE'],
      ['ä'.repeat(15_361), 'TOO_LARGE'],
      [{ kind: 'data', mediaType: '', bytes: new Uint8Array(1) }, 'CONTENT_INVALID'],
      [{ kind: 'data', mediaType: 'x'.repeat(129), bytes: new Uint8Array(1) }, 'CONTENT_INVALID'],
      [{ kind: 'data', mediaType: 'x/\ud800', bytes: new Uint8Array(1) }, 'CONTENT_INVALID'],
      [{ kind: 'data', mediaType: 'x/y', bytes: new Uint8Array(30_721) }, 'TOO_LARGE']
    ]
    for (const [content, code] of refused) await assert.rejects(alice.send(conversationId, content), { code })
    // What only a program without types can say.
    const untyped: readonly unknown[] = [
      undefined,
      null,
      7,
      {},
      { kind: 'text' },
      { kind: 'txt', text: 'x' },
      { kind: 'data', mediaType: 'x/y' },
      { kind: 'data', mediaType: 'x/y', bytes: 'x' },
      { kind: 'data', mediaType: 'x/y', bytes: new DataView(new ArrayBuffer(1)) },
      { kind: 'data', mediaType: 'x/y', bytes: new Uint16Array([258]) },
      { kind: 'data', bytes: new Uint8Array(1) },
      new Uint8Array(1)
    ]
    for (const content of untyped) {
      await assert.rejects(
        async () => {
          await Reflect.apply(alice.send.bind(alice), undefined, [conversationId, content])
        },
        { code: 'CONTENT_INVALID' }
      )
    }
    for (const card of [undefined, null, 7, {}]) {
      await assert.rejects(
        async () => {
          await Reflect.apply(alice.contacts.add, undefined, [card])
        },
        { code: 'CARD_INVALID' }
      )
    }
    await assert.rejects(alice.send(conversationId, 'x', { lifetime: -1 }), { code: 'OPTIONS_INVALID' })
    await assert.rejects(alice.send(conversationId, 'x', { signal: AbortSignal.abort() }), {
      code: 'ABORTED'
    })
    const [elsewhere] = [await bob.contacts.add(await alice.identity.card())]
    await bob.contacts.remove(elsewhere.id)
    await assert.rejects(bob.send(elsewhere.conversationId, 'x'), { code: 'UNKNOWN_CONVERSATION' })
    for (const method of ['get', 'safetyNumber', 'remove', 'acceptChange', 'block', 'verify'] as const) {
      await assert.rejects(bob.contacts[method](elsewhere.id), { code: 'UNKNOWN_CONTACT' }, method)
    }
    await assert.rejects(alice.contacts.rename(id, 'x'.repeat(65)), { code: 'OPTIONS_INVALID' })
    await alice.send(conversationId, 'right')
    assert.equal((await alice.status()).outbox.messages >= 1, true)
    const texts: string[] = []
    for await (const message of alice.conversations.messages(conversationId)) texts.push(textOf(message))
    assert.deepEqual(texts, ['right'])
  })

  const seed = freshSeed()
  it(`in the files of its store, says so or goes on, and never shows a wrong text (seed ${String(seed)})`, async function () {
    this.timeout(120_000)
    const random = createSeededRandom(seed)
    const texts = await conversation(at('store'))
    const outcomes = new Map<string, number>()
    for (let round = 0; round < DAMAGED_COPIES; round++) {
      const path = at(`copy-${String(round)}`)
      await cp(at('store'), path, { recursive: true })
      await flipBit(path, random.number())
      const outcome = await readAll(path, texts)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      await rm(path, { recursive: true })
    }
    const refused = (outcomes.get('STORE_DAMAGED') ?? 0) + (outcomes.get('RECORD_DAMAGED') ?? 0)
    assert.ok(refused < DAMAGED_COPIES / 2, JSON.stringify([...outcomes]))
  })

  /** Two people talk until there are files worth damaging; the texts are what the history at `path` holds. */
  async function conversation(path: string): Promise<ReadonlySet<string>> {
    const hub = createMemoryHub({ clock: realClock, seed: 1, delay: [0, 1] })
    const unlock = KEY
    const options = { path, unlock, durability: 'process-crash', start: true } as const
    const alice = await open({ ...options, network: hub.createNetwork('alice') })
    const bob = await open({ start: true, network: hub.createNetwork('bob') })
    let heard = 0
    bob.addEventListener('message:receive', () => heard++)
    const { conversationId } = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    const texts = Array.from({ length: 300 }, (_, n) => `text ${String(n)} ${'.'.repeat(n)}`)
    await Promise.all(texts.map((text) => alice.send(conversationId, text)))
    await waitFor('bob to hear', () => heard === texts.length, 10_000)
    await alice.close()
    return new Set(texts)
  }

  /** Flip one bit of all that the store's files hold. */
  async function flipBit(path: string, where: number): Promise<void> {
    const names = (await readdir(path)).filter((name) => /\.(ldb|log)$|^MANIFEST|^CURRENT/.test(name))
    const files = await Promise.all(
      names.map(async (name) => ({ name, bytes: await readFile(join(path, name)) }))
    )
    let bit = Math.floor(where * 8 * files.reduce((sum, { bytes }) => sum + bytes.length, 0))
    for (const { name, bytes } of files) {
      if (bit < 8 * bytes.length) {
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        await writeFile(join(path, name), bytes)
        return
      }
      bit -= 8 * bytes.length
    }
  }

  async function readAll(path: string, texts: ReadonlySet<string>): Promise<string> {
    let messenger: Messenger
    try {
      messenger = await createMessenger({ path, unlock: KEY, start: false })
    } catch (error) {
      assert.ok(
        isMessengerError(error, 'STORE_DAMAGED') || isMessengerError(error, 'RECORD_DAMAGED'),
        String(error)
      )
      return error.code
    }
    const read: string[] = []
    for (const { id } of await messenger.conversations.list()) {
      for await (const message of messenger.conversations.messages(id, { limit: 1_000 }))
        read.push(textOf(message))
    }
    await messenger.close()
    for (const text of read) assert.ok(texts.has(text), 'a text nobody wrote')
    return read.length === texts.size ? 'whole' : 'partial'
  }

  it('as a directory that holds something else, does not harm it', async () => {
    await mkdir(at('photos'))
    await writeFile(at('photos/one.jpg'), 'a photo')
    const messenger = await open({ path: at('photos'), unlock: KEY })
    await messenger.close()
    assert.equal(await readFile(at('photos/one.jpg'), 'utf8'), 'a photo')
  })
})

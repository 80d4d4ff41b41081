import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createMemoryHub, createMessenger, openLevelStore, type Messenger } from '../../../src/index.js'
import { hkdf } from '../../../src/crypto/kdf.js'
import { systemClock } from '../../../src/platform/system.js'
import { inviteRecord, ownRecord, prekeysRecord } from '../../../src/storage/records/own-record.js'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import { skippedRecord } from '../../../src/storage/records/skipped-record.js'
import { openSealedStore } from '../../../src/storage/sealed-store.js'
import { shownSecrets } from '../../support/secret-traces.js'
import { seededRandom } from '../../support/store-random.js'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/store-temporary.js'

const PASSPHRASE = 'canary of the passphrase, long enough'
const unlock = { kind: 'passphrase', passphrase: PASSPHRASE } as const

/** Every byte string inside a value, by its path. */
function collect(found: Map<string, Uint8Array>, path: string, value: unknown): void {
  if (value instanceof Uint8Array) {
    if (value.length >= 32) found.set(path, value.slice())
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) collect(found, `${path}.${name}`, part)
  }
}

/** What is public, or no secret to whoever may see it. */
const PUBLIC =
  /(publicKey|theirRatchetKey|\.id|associatedData|bundle|hash|ephemeralKey|kemCiphertext|signedPrekey|usedBy)$/

/** Every secret that a closed store holds: of the identity, prekeys, invites, ratchets, chains and skipped messages. */
async function secretsIn(path: string): Promise<Map<string, Uint8Array>> {
  const store = await openLevelStore(path)
  const sealed = await openSealedStore(store, { unlock, random: seededRandom('reader') })
  const found = new Map<string, Uint8Array>()
  const codecs = {
    'own/identity': ownRecord,
    'own/prekeys': prekeysRecord,
    'invite/': inviteRecord,
    'session/': sessionRecord,
    'skipped/': skippedRecord
  }
  for (const [prefix, codec] of Object.entries(codecs)) {
    for await (const [key, value] of sealed.range({ gte: prefix, lt: `${prefix}~` }))
      collect(found, key, codec.decode(value))
  }
  await sealed.close()
  for (const name of found.keys()) if (PUBLIC.test(name)) found.delete(name)
  found.set('passphrase', new TextEncoder().encode(PASSPHRASE))
  return found
}

describe('no secret', function () {
  this.timeout(60_000)

  let directory: TemporaryDirectory
  const said: string[] = []
  /** Every key that was made of chance: of 32 bytes or more. */
  const drawn = new Map<string, Uint8Array>()

  before(async () => {
    directory = await temporaryDirectory()
  })
  after(() => directory.remove())

  function look(value: unknown): void {
    said.push(inspect(value, { showHidden: true, depth: 30, maxArrayLength: null, getters: true }))
    said.push(JSON.stringify(value))
  }

  async function open(name: string, hub: ReturnType<typeof createMemoryHub>): Promise<Messenger> {
    const random = seededRandom(`canary ${name}`)
    const messenger = await createMessenger({
      path: join(directory.path, name),
      unlock,
      name,
      network: hub.createNetwork(`${name} ${String(drawn.size)}`),
      random: (length) => {
        const bytes = random(length)
        if (length === 32 || length === 64) drawn.set(`${name} drew ${String(drawn.size)}`, bytes.slice())
        return bytes
      },
      logger: {
        debug: (...facts) => said.push(inspect(facts)),
        warn: (...facts) => said.push(inspect(facts))
      }
    })
    for (const event of [
      'message:receive',
      'message:update',
      'contact:update',
      'conversation:update',
      'identity:change',
      'identity:copy',
      'envelope:reject',
      'peer:update',
      'storage:update'
    ] as const) {
      messenger.addEventListener(event, (heard) => {
        look(heard)
        look(heard.detail)
      })
    }
    return messenger
  }

  async function fail(action: Promise<unknown>): Promise<void> {
    const error: unknown = await action.then(
      () => undefined,
      (reason: unknown) => reason
    )
    for (let link = error; link instanceof Error; link = link.cause) {
      said.push(link.message, link.stack ?? '')
      look(link)
    }
    assert.ok(error instanceof Error)
  }

  it('shows in what is logged, told, thrown or printed, nor lies readable in the store', async () => {
    const hub = createMemoryHub({ clock: systemClock, seed: 990 })
    const [alice, bob] = [await open('alice', hub), await open('bob', hub)]
    const contact = await bob.contacts.add(await alice.identity.card({ size: 'full' }))
    await alice.identity.card()
    const delivered = new Promise<void>((resolve) => {
      let count = 0
      alice.addEventListener('message:receive', () => {
        if (++count === 5) resolve()
      })
    })
    for (let n = 0; n < 5; n++)
      await bob.send(contact.conversationId, `message ${String(n)}`, { lifetime: (7 + (n % 2)) * 86_400_000 })
    await delivered
    const [friend] = await alice.contacts.list()
    assert.ok(friend !== undefined)
    await alice.send(friend.conversationId, 'an answer')
    await alice.identity.renew()
    for (const messenger of [alice, bob]) {
      look(messenger)
      look(messenger.identity)
      look(messenger.contacts)
      look(messenger.conversations)
      look(await messenger.status())
      look(await messenger.contacts.list())
      look(await messenger.conversations.list())
      await fail(messenger.contacts.add('hallig:AQE'))
      await fail(messenger.contacts.add(`${await messenger.identity.card()}A`))
      await fail(messenger.contacts.add(await messenger.identity.card()))
      await fail(messenger.send(contact.conversationId, ''))
    }
    await fail(createMessenger({ path: join(directory.path, 'alice'), unlock }))
    await alice.close()
    await bob.close()
    await fail(alice.identity.card())
    await fail(
      createMessenger({
        path: join(directory.path, 'alice'),
        unlock: { kind: 'passphrase', passphrase: 'wrong' }
      })
    )
    await fail(
      createMessenger({
        path: join(directory.path, 'alice'),
        unlock: { kind: 'key', key: new Uint8Array(32) }
      })
    )
    for (const name of ['alice', 'bob']) {
      const path = join(directory.path, name)
      const files: string[] = []
      for (const file of await readdir(path))
        files.push((await readFile(join(path, file))).toString('latin1'))
      const secrets = await secretsIn(path)
      assert.deepEqual(shownSecrets(secrets, files.join('\n')), [], `in the files of ${name}`)
      assert.deepEqual(
        shownSecrets(drawnBy(name), files.join('\n')),
        [],
        `of chance, in the files of ${name}`
      )
      assert.deepEqual(shownSecrets(secrets, said.join('\n')), [], `${name}, in what was said`)
      assert.deepEqual(
        shownSecrets(drawnBy(name), said.join('\n')),
        [],
        `of chance, ${name}, in what was said`
      )
      assert.ok(secrets.size > 15, [...secrets.keys()].join())
    }
    assert.ok(said.length > 100)
  })

  it('that does show goes unseen, however it is written: the search finds each', () => {
    const secret = hkdf(new Uint8Array(32), new Uint8Array(0), new Uint8Array(0), 32)
    const secrets = new Map([['it', secret]])
    const bytes = Buffer.from(secret)
    const backwards = Buffer.from(secret).reverse()
    for (const written of [bytes, backwards]) {
      for (const text of [
        written.toString('latin1'),
        written.toString('hex'),
        written.toString('hex').toUpperCase(),
        written.toString('base64'),
        Buffer.concat([Buffer.of(1), written]).toString('base64'),
        Buffer.concat([Buffer.of(1, 2), written]).toString('base64url'),
        inspect(written),
        inspect(new Uint8Array(written), { showHidden: true }),
        JSON.stringify(new Uint8Array(written)),
        inspect({ deep: { in: { here: new Uint8Array(written) } } }, { depth: 9 })
      ])
        assert.deepEqual(shownSecrets(secrets, `before ${text} after`), ['it'], text)
    }
    assert.deepEqual(shownSecrets(secrets, Buffer.alloc(64).toString('hex')), [])
  })

  function drawnBy(name: string): Map<string, Uint8Array> {
    return new Map([...drawn].filter(([key]) => key.startsWith(name)))
  }
})

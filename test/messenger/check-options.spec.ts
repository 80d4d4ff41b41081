import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import {
  createMemoryStore,
  createMessenger,
  wipeStore,
  type CardOptions,
  type ExportOptions,
  type ImportOptions,
  type MessengerOptions,
  type SendOptions,
  type SyncOptions
} from '../../src/index.js'
import { checked, checkOptions } from '../../src/messenger/check-options.js'
import { countOf } from '../support/messenger-count.js'
import { platform } from '#platform'

const KEY = new Uint8Array(32)
const FITTING: { readonly [Name in keyof MessengerOptions]-?: readonly unknown[] } = {
  path: ['./alice'],
  store: [createMemoryStore()],
  unlock: [
    { kind: 'passphrase', passphrase: 'a' },
    { kind: 'key', key: KEY },
    { kind: 'key-file', file: 'a.key' }
  ],
  restored: [true, false],
  durability: ['power-loss', 'process-crash'],
  name: ['', 'Alice'],
  network: [{}, { listen: [], bootstrap: [] }, { libp2p: { services: {} } }],
  carrier: [true, false],
  mailbox: [{}, { quota: 1 }],
  budget: [{ bytesPerHour: 100_000 }],
  power: [{ carryAbove: 0.5 }],
  clock: [platform.clock],
  random: [platform.random],
  logger: [console],
  start: [true, false]
}
const WRONG: { readonly [Name in keyof MessengerOptions]-?: readonly unknown[] } = {
  path: ['', null, 1, Symbol('path')],
  store: [null, {}, 'a store'],
  unlock: [
    null,
    'a passphrase',
    {},
    { kind: 'pass', passphrase: 'a' },
    { kind: 'passphrase' },
    { kind: 'key', key: '00' },
    { kind: 'key', key: new Float64Array(32) },
    { kind: 'key-file', file: 7 }
  ],
  restored: ['yes', 1],
  durability: ['power_loss', null, true],
  name: [null, 7, {}],
  network: [
    null,
    'main',
    { listen: '/ip4/127.0.0.1/tcp/0' },
    { bootstrap: new Set() },
    { libp2p: {} },
    { lan: 'no' },
    { relay: 1 },
    { name: 7 },
    { boostrap: [] },
    { publish: () => undefined }
  ],
  carrier: ['no', 0],
  mailbox: [null, 1_000, { qouta: 5 }],
  budget: [null, 1_000_000],
  power: [null, 0.3],
  clock: [null, {}, { now: () => 0 }],
  random: [null, 7],
  logger: [null, {}, { warn: () => undefined }],
  start: ['false', 0]
}

describe('messenger/check-options', () => {
  it('lets pass what each option takes, and what is left out', () => {
    checkOptions({})
    for (const [name, values] of Object.entries(FITTING)) {
      for (const value of [...values, undefined]) checkOptions({ [name]: value })
    }
  })

  it('says of which option it was, and what that takes', () => {
    for (const [name, values] of Object.entries(WRONG)) {
      for (const value of values) {
        const expected = { code: 'OPTIONS_INVALID', message: new RegExp(`^The option ${name} takes `) }
        assert.throws(() => {
          checkOptions({ [name]: value })
        }, expected)
      }
    }
  })

  it('has no option by another name, which would pass for one that is not given', async () => {
    const code = 'OPTIONS_INVALID'
    const misspelt = { pth: './alice' }
    await assert.rejects(async () => createMessenger(misspelt as MessengerOptions), {
      code,
      message: /no option pth; there are path/
    })
    await assert.rejects(async () => wipeStore('./nothing', JSON.parse('{ "keyFile": 7 }') as object), {
      code,
      message: /keyFile takes a text/
    })
    const wiping = { keyfile: 'a.key' }
    await assert.rejects(async () => wipeStore('./nothing', wiping as object), {
      code,
      message: /no option keyfile/
    })
    await using messenger = await createMessenger({ start: false })
    // What it hands down may be for others, too.
    const handedDown = { timeout: 1_000 } as CardOptions
    assert.ok((await messenger.identity.card(handedDown)).startsWith('hallig:'))
  })

  it('takes no path in place of the options, which would keep nothing on the disk', async () => {
    for (const options of ['./alice', null, 7, () => undefined]) {
      await assert.rejects(
        async () => {
          await Reflect.apply(createMessenger, undefined, [options])
        },
        { code: 'OPTIONS_INVALID' }
      )
    }
  })

  it('says the same of the options of every method', async () => {
    await using bob = await createMessenger({ start: false })
    await using alice = await createMessenger({ start: false })
    const { id, conversationId } = await alice.contacts.add(await bob.identity.card())
    const isBad = { code: 'OPTIONS_INVALID' }
    const take = async (pieces: AsyncIterable<Uint8Array>): Promise<number> => await countOf(pieces)
    const call = async (method: (...given: never[]) => unknown, ...given: unknown[]): Promise<unknown> =>
      await Reflect.apply(method, alice, given)
    const methods: readonly ((options: unknown) => Promise<unknown>)[] = [
      (options) => call(alice.identity.card, options),
      (options) => call(alice.contacts.add, 'hallig:', options),
      (options) => call(alice.send, conversationId, 'x', options),
      (options) => call(alice.dial, '/memory/bob', options),
      (options) => call(alice.exportParcels, take, options),
      (options) => call(alice.importParcels, [], options),
      (options) => call(alice.setPower, options),
      async (options) => {
        const read = await call(alice.conversations.messages, conversationId, options)
        await call(countOf, read)
      },
      (options) => call(wipeStore, './nothing', options)
    ]
    for (const method of methods) {
      for (const options of [
        null,
        7,
        'x',
        { signal: {} },
        { size: 'huge' },
        { lifetime: 5n },
        { maxBytes: '5' },
        { limit: Symbol('five') },
        { live: 1 }
      ])
        await assert.rejects(method(options), isBad, `${String(method)} ${inspect(options)}`)
    }
    for (const flag of [null, 0, 'no']) {
      await assert.rejects(call(alice.contacts.verify, id, flag), isBad)
      await assert.rejects(call(alice.contacts.block, id, flag), isBad)
    }
    for (const reading of [undefined, {}, { level: '1' }, { level: 1, charging: 'yes' }])
      await assert.rejects(call(alice.setPower, reading), isBad)
    for (const path of [undefined, '', 7]) await assert.rejects(call(wipeStore, path), isBad)
    for (const address of [undefined, 7, {}])
      await assert.rejects(call(alice.dial, address), { code: 'ADDRESS_INVALID' })
    for (const nothing of [undefined, null, {}]) {
      await assert.rejects(call(alice.exportParcels, nothing), isBad)
      await assert.rejects(call(alice.importParcels, nothing), isBad)
    }
  })

  it('lets an option be undefined, for who passes on what may not be given', () => {
    const nothing = {
      signal: undefined,
      onProgress: undefined,
      priority: undefined,
      lifetime: undefined,
      size: undefined,
      maxBytes: undefined,
      path: undefined,
      network: undefined
    } satisfies SendOptions & SyncOptions & CardOptions & ExportOptions & ImportOptions & MessengerOptions
    assert.equal(checked(nothing), nothing)
    checkOptions(nothing)
  })
})

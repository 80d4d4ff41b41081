import assert from 'node:assert/strict'
import { createMemoryStore, createMessenger, type MessengerOptions } from '../../src/index.js'
import { checkOptions } from '../../src/messenger/check-options.js'
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
    { kind: 'key-file', file: 7 }
  ],
  restored: ['yes', 1],
  durability: ['power_loss', null, true],
  name: [null, 7, {}],
  network: [null, 'main', { listen: '/ip4/127.0.0.1/tcp/0' }, { bootstrap: new Set() }, { libp2p: {} }],
  carrier: ['no', 0],
  mailbox: [null, 1_000],
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
})

import { member } from '../codec/member.js'
import { MessengerError } from '../errors.js'
import type { MessengerOptions } from './options.js'

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isBoolean: Check = (value) => typeof value === 'boolean'
const isFunction: Check = (value) => typeof value === 'function'

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function has(...methods: readonly string[]): Check {
  return (value) => isObject(value) && methods.every((name) => isFunction(member(value, name)))
}

const UNLOCKED_BY: Readonly<Record<string, readonly [field: string, check: Check]>> = {
  passphrase: ['passphrase', isText],
  key: ['key', (key) => ArrayBuffer.isView(key)],
  'key-file': ['file', isText]
}

function isUnlock(value: unknown): boolean {
  const [field, check] = UNLOCKED_BY[String(member(value, 'kind'))] ?? []
  return isObject(value) && field !== undefined && check?.(member(value, field)) === true
}

function isNetwork(value: unknown): boolean {
  const isList = (name: string): boolean =>
    member(value, name) === undefined || Array.isArray(member(value, name))
  const libp2p = member(value, 'libp2p')
  const isNode = libp2p === undefined || (isObject(libp2p) && isObject(member(libp2p, 'services')))
  return isObject(value) && isList('listen') && isList('bootstrap') && isNode
}

/** What each option takes, in words and as far as one can see before it is used; numbers are checked where they are used. */
const TAKES: Readonly<Record<keyof MessengerOptions, readonly [check: Check, what: string]>> = {
  path: [(path) => isText(path) && path !== '', 'a text that is not empty'],
  store: [has('get', 'range', 'commit', 'close'), 'a Store'],
  unlock: [
    isUnlock,
    "{ kind: 'passphrase', passphrase }, { kind: 'key', key } or { kind: 'key-file', file }"
  ],
  restored: [isBoolean, 'true or false'],
  durability: [
    (value) => value === 'power-loss' || value === 'process-crash',
    "'power-loss' or 'process-crash'"
  ],
  name: [isText, 'a text'],
  network: [
    isNetwork,
    'a Network, or settings whose listen and bootstrap are lists and whose libp2p is a node of libp2p'
  ],
  carrier: [isBoolean, 'true or false'],
  mailbox: [isObject, 'an object, { quota }'],
  budget: [isObject, 'an object, { bytesPerHour }'],
  power: [isObject, 'an object, { carryAbove }'],
  clock: [has('now', 'schedule'), 'a Clock'],
  random: [isFunction, 'a function that makes so many random bytes'],
  logger: [has('debug', 'warn'), 'a Logger, with debug and warn'],
  start: [isBoolean, 'true or false']
}

/** Throws `OPTIONS_INVALID`, with what is taken instead: a wrong value would fail far from here, or pass for the default. */
export function checkOptions(options: unknown): void {
  if (!isObject(options))
    throw new MessengerError('OPTIONS_INVALID', "Options are an object, such as { path: './alice' }")
  for (const [name, [check, what]] of Object.entries(TAKES)) {
    const value = member(options, name)
    if (value !== undefined && !check(value))
      throw new MessengerError('OPTIONS_INVALID', `The option ${name} takes ${what}`)
  }
}

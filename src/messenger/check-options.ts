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

type Takes = readonly [check: Check, what: string]

/** What each option takes, in words and as far as one can see before it is used; numbers are checked where they are used. */
const TAKES: Readonly<Record<keyof MessengerOptions, Takes>> = {
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

/** Of all methods together: no two mean another thing by one name. */
const METHODS_TAKE: Readonly<Record<string, Takes>> = {
  signal: [has('addEventListener', 'removeEventListener'), 'an AbortSignal'],
  onProgress: [isFunction, 'a function'],
  size: [(size) => size === 'short' || size === 'full', "'short' or 'full'"],
  reusable: [isBoolean, 'true or false'],
  addresses: [isBoolean, 'true or false'],
  before: [isText, 'the position of a message'],
  live: [isBoolean, 'true or false'],
  charging: [isBoolean, 'true or false'],
  keyFile: [isText, 'a text']
}

function check(options: object, takes: Readonly<Record<string, Takes>>): void {
  for (const [name, [fits, what]] of Object.entries(takes)) {
    const value = member(options, name)
    if (value !== undefined && !fits(value))
      throw new MessengerError('OPTIONS_INVALID', `The option ${name} takes ${what}`)
  }
}

/** Throws `OPTIONS_INVALID`, with what is taken instead: a wrong value would fail far from here, or pass for the default. */
export function checkOptions(options: unknown): void {
  if (!isObject(options))
    throw new MessengerError('OPTIONS_INVALID', "Options are an object, such as { path: './alice' }")
  check(options, TAKES)
}

/** The same for what a method is given last. */
export function checked<Options>(options: Options): Options {
  if (!isObject(options))
    throw new MessengerError(
      'OPTIONS_INVALID',
      'What a method is given last is an object, such as { signal }'
    )
  check(options, METHODS_TAKE)
  return options
}

/** `value`, if it is one of a kind that only says yes or no. */
export function checkBoolean(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value
  throw new MessengerError('OPTIONS_INVALID', `${what} is true or false`)
}

/** Throws `OPTIONS_INVALID` for what is no path: it would pass for the one of that name. */
export function checkPath(path: unknown): void {
  if (!isText(path) || path === '')
    throw new MessengerError('OPTIONS_INVALID', 'A path is a text that is not empty')
}

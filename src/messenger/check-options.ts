import { member } from '../codec/member.js'
import { MessengerError } from '../errors.js'
import {
  checkTakesOnly,
  checkTakes,
  has,
  isBoolean,
  isBytes,
  isClock,
  isFunction,
  isNumber,
  isObject,
  isStore,
  isText,
  strangeNames,
  type Check,
  type Takes
} from '../takes.js'
import type { MessengerOptions, NetworkSettings } from './options.js'

const UNLOCKED_BY: Readonly<Record<string, readonly [field: string, check: Check]>> = {
  passphrase: ['passphrase', isText],
  key: ['key', isBytes],
  'key-file': ['file', isText]
}

function isUnlock(value: unknown): boolean {
  const [field, check] = UNLOCKED_BY[String(member(value, 'kind'))] ?? []
  return isObject(value) && field !== undefined && check?.(member(value, field)) === true
}

const isWholeNetwork = has(
  'start',
  'stop',
  'join',
  'leave',
  'publish',
  'request',
  'openStream',
  'dial',
  'keep',
  'peers',
  'addresses'
)

const SETTINGS: Readonly<Record<keyof NetworkSettings, Check>> = {
  name: isText,
  listen: Array.isArray,
  bootstrap: Array.isArray,
  relay: isBoolean,
  lan: isBoolean,
  libp2p: (node) => isObject(node) && isObject(member(node, 'services'))
}

function isNetwork(value: unknown): boolean {
  if (!isObject(value)) return false
  if ('publish' in value) return isWholeNetwork(value)
  return (
    strangeNames(value, Object.keys(SETTINGS)).length === 0 &&
    Object.entries(SETTINGS).every(
      ([name, fits]) => member(value, name) === undefined || fits(member(value, name))
    )
  )
}

/** What each option takes, in words and as far as one can see before it is used; numbers are checked where they are used. */
const TAKES: Readonly<Record<keyof MessengerOptions, Takes>> = {
  path: [(path) => isText(path) && path !== '', 'a text that is not empty'],
  store: [isStore, 'a Store'],
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
    'a Network with all of its methods, or settings and no others: name is a text, listen and bootstrap are lists, relay and lan true or false, libp2p is a node of libp2p'
  ],
  carrier: [isBoolean, 'true or false'],
  mailbox: [
    (mailbox) => isObject(mailbox) && strangeNames(mailbox, ['quota']).length === 0,
    'an object, { quota }'
  ],
  budget: [isObject, 'an object, { bytesPerHour }'],
  power: [isObject, 'an object, { carryAbove }'],
  clock: [isClock, 'a Clock'],
  random: [isFunction, 'a function that makes so many random bytes'],
  logger: [has('debug', 'warn'), 'a Logger, with debug and warn'],
  start: [isBoolean, 'true or false']
}

/** Of all methods together: no two mean another thing by one name. */
const METHODS_TAKE: Readonly<Record<string, Takes>> = {
  signal: [has('addEventListener', 'removeEventListener'), 'an AbortSignal'],
  onProgress: [isFunction, 'a function'],
  lifetime: [isNumber, 'a number of milliseconds'],
  maxBytes: [isNumber, 'a number of bytes'],
  limit: [isNumber, 'a number of messages'],
  size: [(size) => size === 'short' || size === 'full', "'short' or 'full'"],
  reusable: [isBoolean, 'true or false'],
  addresses: [isBoolean, 'true or false'],
  before: [isText, 'the position of a message'],
  live: [isBoolean, 'true or false'],
  charging: [isBoolean, 'true or false']
}

/** Throws `OPTIONS_INVALID`, with what is taken instead. */
export function checkOptions(options: unknown): void {
  checkTakesOnly(options, TAKES, "Options are an object, such as { path: './alice' }")
}

/** The same for what a method is given last. */
export function checked<Options>(options: Options): Options {
  checkTakes(options, METHODS_TAKE, 'What a method is given last is an object, such as { signal }')
  return options
}

/** The same for what a store is wiped with: what is misspelt there is left. */
export function checkWiping(options: unknown): void {
  checkTakesOnly(options, { keyFile: [isText, 'a text'] }, 'Options are an object, such as { keyFile }')
}

/** `value`, if it is one of a kind that only says yes or no. */
export function checkBoolean(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value
  throw new MessengerError('OPTIONS_INVALID', `${what} is true or false`)
}

/** `value`, if it is a text, as every address is. */
export function checkAddress(value: unknown): string {
  if (typeof value === 'string') return value
  throw new MessengerError('ADDRESS_INVALID', 'An address is a text, such as /ip4/192.0.2.1/tcp/4001')
}

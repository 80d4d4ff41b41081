import { member } from './codec/member.js'
import { MessengerError } from './errors.js'

export type Check = (value: unknown) => boolean

/** What an option takes: what fits, and the same in words. */
export type Takes = readonly [fits: Check, what: string]

export const isText: Check = (value) => typeof value === 'string'
export const isBoolean: Check = (value) => typeof value === 'boolean'
export const isFunction: Check = (value) => typeof value === 'function'
export const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
/** A view of wider elements would lose all but the lowest byte of each, and nobody be told. No `instanceof`: bytes of another realm are bytes. */
export const isBytes: Check = (value) => ArrayBuffer.isView(value) && member(value, 'BYTES_PER_ELEMENT') === 1
export const isNumber: Check = (value) => typeof value === 'number' && !Number.isNaN(value)

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Something with these methods. */
export function has(...methods: readonly string[]): Check {
  return (value) => isObject(value) && methods.every((name) => isFunction(member(value, name)))
}

export const isStore = has('get', 'range', 'commit', 'close')
export const isClock = has('now', 'schedule')

/** A number from `least` to `most`. */
export function isBetween(least: number, most: number): Check {
  return (value) => typeof value === 'number' && value >= least && value <= most
}

export const PROBABILITY: Takes = [isBetween(0, 1), 'a probability, 0 to 1']

/**
 * Throws `OPTIONS_INVALID`, with what is taken instead: a wrong value would fail far from here, or pass for the default. Of what is not `needed`,
 * nothing need be given.
 */
export function checkTakes(
  options: unknown,
  takes: Readonly<Record<string, Takes>>,
  otherwise: string,
  needed: readonly string[] = []
): void {
  if (!isObject(options)) throw new MessengerError('OPTIONS_INVALID', otherwise)
  for (const [name, [fits, what]] of Object.entries(takes)) {
    const value = member(options, name)
    if (value === undefined ? needed.includes(name) : !fits(value))
      throw new MessengerError('OPTIONS_INVALID', `The option ${name} takes ${what}`)
  }
}

/**
 * The same for what something is made with, where a name that is none would pass for an option that is not given: a messenger whose path is misspelt keeps
 * nothing. What a method is given may be an object of its caller's that is handed down, and hold what is for others.
 */
export function checkTakesOnly(
  options: unknown,
  takes: Readonly<Record<string, Takes>>,
  otherwise: string,
  needed: readonly string[] = []
): void {
  checkTakes(options, takes, otherwise, needed)
  const [name] = strangeNames(options, Object.keys(takes))
  if (name !== undefined)
    throw new MessengerError(
      'OPTIONS_INVALID',
      `There is no option ${name}; there are ${Object.keys(takes).join(', ')}`
    )
}

/** What is given by another name than these. */
export function strangeNames(options: unknown, names: readonly string[]): string[] {
  if (!isObject(options)) return []
  return Object.keys(options).filter((name) => !names.includes(name) && member(options, name) !== undefined)
}

/** Throws `OPTIONS_INVALID` for what is no path: it would pass for the one of that name. */
export function checkPath(path: unknown): void {
  if (!isText(path) || path === '')
    throw new MessengerError('OPTIONS_INVALID', 'A path is a text that is not empty')
}

/** Put what was given in place of what holds otherwise: an option that is `undefined` is one that is not given. */
export function putGiven(target: object, options: object): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined) Reflect.set(target, name, value)
}

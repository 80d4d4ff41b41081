import type { Mended } from './mended.js'

// IndexedDB looks after its files itself.

/** There are no files that we could read or mend, and the browser says of a part that it cannot. */
export function mendFiles(): Promise<Mended> {
  return Promise.resolve({ isLost: false, logged: [], next: undefined })
}

/** Nothing is missed. */
export async function noteLost(): Promise<void> {
  await Promise.resolve()
}

/** Nobody tells what was lost. */
export function hasLost(): Promise<boolean> {
  return Promise.resolve(false)
}

/** Nothing is made. */
export async function clearBeside(): Promise<void> {
  await Promise.resolve()
}

/** Nothing was noted. */
export async function forgetLost(): Promise<void> {
  await Promise.resolve()
}

/** A database is not opened again while a store is in use. */
export function readCurrent(): Promise<string | undefined> {
  return Promise.resolve(undefined)
}

/** Nor closed to be. */
export async function proveSpace(): Promise<void> {
  await Promise.resolve()
}

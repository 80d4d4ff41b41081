// IndexedDB looks after its files itself.

/** There are no logs that we could read, and the browser says of a part that it cannot. */
export async function readLogs(): Promise<void> {
  await Promise.resolve()
}

/** There are no tables that we could mend. */
export function mendTables(): Promise<boolean> {
  return Promise.resolve(false)
}

/** Nobody tells what was lost. */
export function hasLost(): Promise<boolean> {
  return Promise.resolve(false)
}

/** Nothing was noted. */
export async function forgetLost(): Promise<void> {
  await Promise.resolve()
}

/** A database is not opened again while a store is in use. */
export function readCurrent(): Promise<string | undefined> {
  return Promise.resolve(undefined)
}

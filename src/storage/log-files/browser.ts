/** IndexedDB has no logs that we could read, and says of a part that it cannot. */
export async function readLogs(): Promise<void> {
  await Promise.resolve()
}

/** IndexedDB is not opened again while a store is in use. */
export function readCurrent(): Promise<string | undefined> {
  return Promise.resolve(undefined)
}

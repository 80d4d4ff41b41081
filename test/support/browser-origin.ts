import { evaluate, type BrowserPage } from './browser.js'

// What lies in the origin of a page, read and written past the library, as whoever has the files of the browser can.

/** What TypeScript does not know of a browser. */
interface WithBuckets {
  readonly storageBuckets: {
    keys(): Promise<readonly string[]>
    open(name: string): Promise<{ readonly indexedDB: IDBFactory }>
  }
}

/** The records of a database, in an order that JSON keeps. */
export type Records = readonly (readonly [key: readonly number[], value: readonly number[]])[]

export async function readDatabase(page: BrowserPage, path: string): Promise<Records> {
  return await evaluate(
    page,
    async (name: string) => {
      const opening = indexedDB.open(`level-js-${name}`)
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(new Error('not opened'))
      })
      const store = database.transaction([name]).objectStore(name)
      const [keys, values] = [store.getAllKeys(), store.getAll()]
      await new Promise((resolve) => (values.onsuccess = resolve))
      database.close()
      return keys.result.map((key, at) => [
        [...new Uint8Array(key as ArrayBuffer)],
        [...(values.result[at] as Uint8Array)]
      ]) as unknown as Records
    },
    path
  )
}

/** Have a page open a database, as one does that knows nothing of the library, and keep it whatever is asked of it, or give it up. */
export async function holdDatabase(page: BrowserPage, path: string, givesWay: boolean): Promise<void> {
  await evaluate(
    page,
    async ([name, isPolite]: readonly [string, boolean]) => {
      const opening = indexedDB.open(`level-js-${name}`)
      await new Promise((resolve) => (opening.onsuccess = resolve))
      const database = opening.result
      Object.assign(window, { database })
      if (isPolite)
        database.onversionchange = () => {
          database.close()
        }
    },
    [path, givesWay]
  )
}

/** Make a database of these records. */
export async function writeDatabase(page: BrowserPage, path: string, records: Records): Promise<void> {
  await evaluate(
    page,
    async ([name, pairs]: readonly [string, Records]) => {
      const opening = indexedDB.open(`level-js-${name}`)
      opening.onupgradeneeded = () => opening.result.createObjectStore(name)
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(new Error('not opened'))
      })
      const writing = database.transaction([name], 'readwrite')
      for (const [key, value] of pairs)
        writing.objectStore(name).put(Uint8Array.from(value), Uint8Array.from(key).buffer)
      await new Promise((resolve) => (writing.oncomplete = resolve))
      database.close()
    },
    [path, records]
  )
}

export async function databaseNames(page: BrowserPage): Promise<(string | undefined)[]> {
  return await evaluate(page, async () => (await indexedDB.databases()).map(({ name }) => name))
}

/** Names and texts of the key files, by the buckets they lie in. */
export async function readKeyFiles(page: BrowserPage): Promise<Record<string, string>> {
  return await evaluate(page, async () => {
    const { storageBuckets } = navigator as unknown as WithBuckets
    const texts: Record<string, string> = {}
    for (const bucket of await storageBuckets.keys()) {
      const opening = (await storageBuckets.open(bucket)).indexedDB.open('key')
      await new Promise((resolve) => (opening.onsuccess = resolve))
      const reading = opening.result.transaction(['key']).objectStore('key').get('key')
      await new Promise((resolve) => (reading.onsuccess = resolve))
      opening.result.close()
      texts[bucket] = String(reading.result)
    }
    return texts
  })
}

export async function writeKeyFile(page: BrowserPage, bucket: string, text: string): Promise<void> {
  await evaluate(
    page,
    async ([name, content]: readonly [string, string]) => {
      const { storageBuckets } = navigator as unknown as WithBuckets
      const opening = (await storageBuckets.open(name)).indexedDB.open('key')
      opening.onupgradeneeded = () => opening.result.createObjectStore('key')
      await new Promise((resolve) => (opening.onsuccess = resolve))
      const writing = opening.result.transaction(['key'], 'readwrite')
      writing.objectStore('key').put(content, 'key')
      await new Promise((resolve) => (writing.oncomplete = resolve))
      opening.result.close()
    },
    [bucket, text]
  )
}

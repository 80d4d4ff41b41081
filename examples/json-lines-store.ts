import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { MessengerError, type KeyRange, type Store, type Write } from 'hallig'

/**
 * A store of one file, which holds one line for each commit: `[[key, base64], [key of what was deleted], …]`. A crash
 * can tear the last line only, and that one was never acknowledged. All records are in memory, so it suits thousands of
 * messages, not millions. Rejects with `STORE_LOCKED` while somebody else has it open.
 */
export async function openJsonLinesStore(path: string): Promise<Store> {
  const lock = `${path}.lock`
  await takeLock(lock)
  try {
    const records = replay(await readFile(path, { encoding: 'utf8', flag: 'a+' }))
    // Rewritten at each start: the file has no torn line then and nothing that was deleted. `rename` replaces it at once.
    await writeFile(
      `${path}.new`,
      lineOf([...records].map(([key, value]) => ({ type: 'put', key, value }))),
      { flush: true }
    )
    await rename(`${path}.new`, path)
    return new JsonLinesStore(records, await open(path, 'a'), lock)
  } catch (error) {
    await rm(lock)
    throw unusable(path, error instanceof SyntaxError ? 'STORE_DAMAGED' : 'STORE_UNWRITABLE', error)
  }
}

class JsonLinesStore implements Store {
  readonly #records: Map<string, Uint8Array>
  readonly #file: FileHandle
  readonly #lock: string
  #commits: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(records: Map<string, Uint8Array>, file: FileHandle, lock: string) {
    this.#records = records
    this.#file = file
    this.#lock = lock
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkOpen()
    return await Promise.resolve(copy(this.#records.get(key)))
  }

  async *range(range: KeyRange): AsyncIterable<readonly [string, Uint8Array]> {
    // Whoever reads from memory without a pause lets no write get on.
    await setImmediate()
    this.#checkOpen(range.signal)
    // A copy: a commit that comes meanwhile is seen whole or not at all.
    const pairs = [...this.#records]
      .filter(([key]) => isInside(key, range))
      .sort(([one], [other]) => (one < other ? -1 : 1))
    if (range.reverse === true) pairs.reverse()
    for (const [key, value] of pairs.slice(0, range.limit)) {
      this.#checkOpen(range.signal)
      yield [key, Uint8Array.from(value)]
    }
    this.#checkOpen(range.signal)
  }

  async commit(writes: readonly Write[]): Promise<void> {
    this.#checkOpen()
    const done = this.#commits.then(() => this.#append(writes))
    this.#commits = done.catch(() => undefined)
    await done
  }

  close(): Promise<void> {
    this.#closing ??= this.#commits.then(async () => {
      await this.#file.close()
      await rm(this.#lock)
    })
    return this.#closing
  }

  async #append(writes: readonly Write[]): Promise<void> {
    const { size } = await this.#file.stat()
    try {
      await this.#file.appendFile(lineOf(writes))
      await this.#file.datasync()
    } catch (error) {
      // Half a line must not stand before the next one.
      await this.#file.truncate(size)
      const code = hasCode(error, 'ENOSPC') ? 'STORE_FULL' : 'STORE_FAILED'
      throw new MessengerError(code, 'The store cannot be written', { cause: error })
    }
    apply(this.#records, writes)
  }

  #checkOpen(signal?: AbortSignal): void {
    if (this.#closing !== undefined) throw new MessengerError('CLOSED', 'The store is closed')
    if (signal?.aborted === true) throw new MessengerError('ABORTED', 'Reading was aborted')
  }
}

/** The lock is a file with the number of the process that has it; that of a process which was killed is void. */
async function takeLock(lock: string): Promise<void> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw unusable(lock, 'STORE_UNWRITABLE', error)
    if (isAlive(Number(await readFile(lock, 'utf8')))) {
      throw new MessengerError('STORE_LOCKED', `The store is in use; if it is not, delete ${lock}`)
    }
    await rm(lock)
    await takeLock(lock)
  }
}

function unusable(file: string, code: 'STORE_DAMAGED' | 'STORE_UNWRITABLE', cause: unknown): MessengerError {
  return new MessengerError(code, `The file ${file} cannot be read and written as a store`, { cause })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function lineOf(writes: readonly Write[]): string {
  const pairs = writes.map((write) =>
    write.type === 'put' ? [write.key, Buffer.from(write.value).toString('base64')] : [write.key]
  )
  return `${JSON.stringify(pairs)}\n`
}

/** The records after all whole lines; what follows the last line break was torn by a crash. */
function replay(text: string): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>()
  for (const line of text.split('\n').slice(0, -1)) {
    const pairs: unknown = JSON.parse(line)
    if (!isPairs(pairs)) throw new SyntaxError('A line is no commit')
    for (const [key, value] of pairs) {
      if (value === undefined) records.delete(key)
      else records.set(key, Buffer.from(value, 'base64'))
    }
  }
  return records
}

function isPairs(value: unknown): value is [string, string?][] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.every((part) => typeof part === 'string'))
  )
}

function apply(records: Map<string, Uint8Array>, writes: readonly Write[]): void {
  for (const write of writes) {
    if (write.type === 'put') records.set(write.key, Uint8Array.from(write.value))
    else records.delete(write.key)
  }
}

function copy(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : Uint8Array.from(value)
}

function isInside(key: string, { gt, gte, lt, lte }: KeyRange): boolean {
  const isAbove = gte === undefined ? gt === undefined || key > gt : key >= gte
  const isBelow = lte === undefined ? lt === undefined || key < lt : key <= lte
  return isAbove && isBelow
}

import { Level } from 'level'
import { hasLost, mendFiles, noteLost, proveSpace, readCurrent } from '#level-files'
import { isMessengerError, MessengerError } from '../errors.js'
import { compareBytes } from '../protocol/compare-bytes.js'
import { checkPath, checkTakesOnly, type Takes } from '../takes.js'
import { aborted, checkAborted } from './abort.js'
import { remaining } from './key-range.js'
import { lockPage, waitForDisk } from './indexed-db.js'
import { hasCode, lostError, openError, readError, takenError, writeError } from './level-errors.js'
import { canCompact, canReadNow, isLevelDb, proveUnused } from './leveldb.js'
import type { KeyRange, Store, Write } from './store.js'

/** Below every key that a record can have. */
const NO_KEY = '\0'

/** Above every other. */
const LAST_KEY = '\u{10ffff}'

/** Given, as one that is not is made for each write. */
const NO_OPTIONS = {}

type Database = Level<string, Uint8Array>

/** How a Level store keeps what it acknowledged. */
export interface LevelStoreOptions {
  /**
   * `power-loss` (default) waits for the disk at every commit; `process-crash` only hands the commit to the operating
   * system, which is several times faster and loses the last seconds when the power goes.
   */
  readonly durability?: 'power-loss' | 'process-crash' | undefined
}

const TAKES: Readonly<Record<string, Takes>> = {
  durability: [
    (value) => value === 'power-loss' || value === 'process-crash',
    "'power-loss' or 'process-crash'"
  ]
}

/**
 * A store in a directory (in browsers: an IndexedDB database named `path`), created if missing. Rejects with
 * `OPTIONS_INVALID`, with `STORE_LOCKED` while another opener has it, `STORE_UNWRITABLE`, `STORE_DAMAGED`, `STORE_FULL` or `STORE_FAILED`.
 */
export async function openLevelStore(path: string, options: LevelStoreOptions = {}): Promise<Store> {
  checkPath(path)
  checkTakesOnly(options, TAKES, "Options of a store are an object, such as { durability: 'process-crash' }")
  const sync = options.durability !== 'process-crash'
  // LevelDB locks its directory itself.
  const release = isLevelDb(Level) ? () => Promise.resolve() : await lockPage(path)
  let database: Database | undefined
  try {
    const { logged, next } = await mend(path)
    // It begins to open when it is made.
    // Values are sealed: compression makes tables smaller by less than a hundredth.
    database = new Level(path, { keyEncoding: 'utf8', valueEncoding: 'view', compression: false })
    await database.open()
    // Whoever has had it since then has found what was logged, and perhaps changed it.
    const missed = (await readCurrent(path)) === next ? await findMissed(path, database, logged) : []
    if (missed.length > 0) await writeAll(database, missed, true)
    // A new database is whole on disk only after its first synchronous write; before, a power cut leaves it unreadable.
    if (!sync) await database.del(NO_KEY, { sync: true })
    if (await hasLost(path)) await writeAnew(database)
  } catch (error) {
    await database?.close()
    await release()
    throw openError(path, error)
  }
  if (sync) waitForDisk(database)
  return new LevelStore(path, database, sync, release)
}

/**
 * Merges all tables of a database of which a part was lost: where the number of a write was damaged, an older value would come to light when
 * LevelDB merges them, long after it was found to be damaged.
 */
async function writeAnew(database: Database): Promise<void> {
  if (!canCompact(database)) return
  await database.compactRange(NO_KEY, LAST_KEY)
  // LevelDB does not say that it had no space for that, but refuses the next write.
  await database.del(NO_KEY, { sync: true })
}

/**
 * After a failed write LevelDB must not be written to: it may refuse, and may also accept a write behind a torn record
 * and lose it at the next start. So a failure makes the store read-only until the next commit, which reopens the
 * database first. A write that failed only at its last step would be back after that; it is undone before anyone reads.
 */
class LevelStore implements Store {
  readonly #path: string
  readonly #database: Database
  readonly #sync: boolean
  readonly #release: () => Promise<void>
  /** The commit under way and those queued behind it. */
  #commits: Promise<unknown> = Promise.resolve()
  /** Keys of the write that failed: the store is read-only. */
  #suspects: readonly string[] = []
  /** What puts the suspects back: the database is being reopened, or waits for the next call to try it again. */
  #undo: readonly Write[] | undefined
  #reopening: Promise<void> | undefined
  /** What it was open as when we closed it to open it again. Closed it is not locked, and may be for as long as the disk fails. */
  #left: string | undefined
  /** What was found in its logs since then, as long as nobody knows whether LevelDB found it, too. */
  #logged: readonly Write[] = []
  /** Somebody else has had it since we closed it. */
  #isTaken = false
  /** What was acknowledged was found damaged on the way. */
  #isLost = false
  #closing: Promise<void> | undefined

  constructor(path: string, database: Database, sync: boolean, release: () => Promise<void>) {
    this.#path = path
    this.#database = database
    this.#sync = sync
    this.#release = release
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#readable()
    try {
      // A read that waits in Node's thread pool, behind the writes, takes ten times as long.
      const value = canReadNow(this.#database) ? this.#database.getSync(key) : await this.#database.get(key)
      return value === undefined ? undefined : plain(value)
    } catch (error) {
      throw this.#closing === undefined ? readError(this.#path, key, error) : this.#closedError(error)
    }
  }

  async *range(range: KeyRange): AsyncIterable<readonly [string, Uint8Array]> {
    let read = 0
    let last: string | undefined
    while (true) {
      checkAborted(range.signal)
      await this.#readable()
      try {
        for await (const [key, value] of this.#pairs(remaining(range, read, last))) {
          yield [key, plain(value)]
          read++
          last = key
        }
        return
      } catch (error) {
        // Reopening the database ends its iterators: go on behind the last key.
        if (this.#closing !== undefined || !hasCode(error, 'LEVEL_ITERATOR_NOT_OPEN')) {
          throw this.#rangeError(range, error)
        }
      }
    }
  }

  /**
   * Pairs as they are at this moment. A slow reader of IndexedDB would be shown a part of what is committed meanwhile, because no
   * transaction there waits for anybody: it is given all at once.
   */
  #pairs(range: KeyRange): AsyncIterable<[string, Uint8Array]> {
    const iterator = this.#database.iterator(range)
    return this.#database.supports.implicitSnapshots ? iterator : this.#handOut(iterator, range.signal)
  }

  async *#handOut(
    iterator: { all(): Promise<[string, Uint8Array][]> },
    signal: AbortSignal | undefined
  ): AsyncIterable<[string, Uint8Array]> {
    for (const pair of await iterator.all()) {
      if (this.#closing !== undefined) throw this.#closedError()
      checkAborted(signal)
      yield pair
    }
  }

  async commit(writes: readonly Write[]): Promise<void> {
    if (this.#closing !== undefined) throw this.#closedError()
    const turn = this.#commits.then(() => this.#write(writes))
    this.#commits = Promise.allSettled([turn])
    return turn
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async scrub(key: string): Promise<void> {
    if (this.#closing !== undefined) throw this.#closedError()
    if (!canCompact(this.#database)) return
    try {
      await this.#database.compactRange(key, key)
    } catch (error) {
      throw writeError(this.#path, error)
    }
    // LevelDB does not say that it had no space for that, but refuses the next write.
    await this.commit([{ type: 'delete', key: NO_KEY }])
  }

  async #close(): Promise<void> {
    await this.#commits
    await Promise.allSettled([this.#reopening])
    await this.#database.close()
    await this.#release()
  }

  async #write(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return
    if (this.#suspects.length > 0) await this.#recover()
    try {
      await writeAll(this.#database, writes, this.#sync)
    } catch (error) {
      // Codes of LevelDB only: IndexedDB takes back a failed transaction by itself.
      if (hasCode(error, 'LEVEL_IO_ERROR') || hasCode(error, 'LEVEL_CORRUPTION')) {
        this.#suspects = [...new Set(writes.map(({ key }) => key))]
      }
      throw writeError(this.#path, error)
    }
  }

  /** Makes a read-only store writable again, or rejects and leaves it readable if there is no space for that. */
  async #recover(): Promise<void> {
    if (this.#undo === undefined) {
      await proveSpace(this.#path)
      this.#undo = await this.#beforeFailure()
    }
    await this.#reopen()
  }

  async #beforeFailure(): Promise<readonly Write[]> {
    try {
      const values = await this.#database.getMany([...this.#suspects])
      return this.#suspects.map((key, index) => restore(key, values[index]))
    } catch (error) {
      throw writeError(this.#path, error)
    }
  }

  #reopen(): Promise<void> {
    this.#reopening ??= this.#reopenOnce().finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  async #reopenOnce(): Promise<void> {
    try {
      await this.#leave()
      await this.#proveOurs(this.#left)
      const { isLost, logged, next } = await mend(this.#path)
      this.#isLost ||= isLost
      if (this.#isLost) throw lostError(this.#path)
      // What LevelDB missed is not there any more.
      if (logged.length > this.#logged.length) this.#logged = logged
      await this.#database.open()
      await this.#proveOurs(next)
      const missed = await findMissed(this.#path, this.#database, this.#logged)
      this.#logged = []
      // What failed may be among it.
      this.#undo = [...missed, ...(this.#undo ?? [])]
      await writeAll(this.#database, this.#undo, this.#sync)
    } catch (error) {
      await this.#leave().catch(() => undefined)
      throw openError(this.#path, error)
    }
    this.#suspects = []
    this.#undo = undefined
  }

  /** Throws if somebody else has had it since we closed it: then it is not called what we expect. */
  async #proveOurs(expected: string | undefined): Promise<void> {
    this.#isTaken ||= (await readCurrent(this.#path)) !== expected
    if (this.#isTaken) throw takenError(this.#path)
  }

  async #leave(): Promise<void> {
    // As long as it is open, nobody else changes that. Where it cannot be read, it stays so.
    if (this.#database.status === 'open') this.#left = await readCurrent(this.#path)
    await this.#database.close()
  }

  async #readable(): Promise<void> {
    if (this.#closing !== undefined) throw this.#closedError()
    if (this.#undo !== undefined) await this.#reopen()
  }

  #rangeError(range: KeyRange, error: unknown): MessengerError {
    if (isMessengerError(error)) return error
    if (this.#closing !== undefined) return this.#closedError(error)
    if (hasCode(error, 'LEVEL_ABORTED')) return aborted(range.signal)
    return readError(this.#path, range.gte ?? range.gt ?? range.lte ?? range.lt ?? '', error)
  }

  #closedError(cause?: unknown): MessengerError {
    return new MessengerError('CLOSED', `The store at ${this.#path} is closed`, { cause })
  }
}

function mend(path: string): ReturnType<typeof mendFiles> {
  return mendFiles(path, () => proveUnused(path))
}

/**
 * What LevelDB has not found of what its logs had: it takes one that it cannot open, as when the disk fails for a moment or too many files are open,
 * for an empty one, and removes it. That it is missing is noted before it is written anew.
 */
async function findMissed(
  path: string,
  database: Database,
  logged: readonly Write[]
): Promise<readonly Write[]> {
  const values = await database.getMany(logged.map(({ key }) => key))
  const missed = logged.filter((write, index) => !isUnder(values[index], write))
  if (missed.length > 0) await noteLost(path)
  return missed
}

function isUnder(value: Uint8Array | undefined, write: Write): boolean {
  if (write.type === 'delete') return value === undefined
  return value !== undefined && compareBytes(value, write.value) === 0
}

async function writeAll(database: Database, writes: readonly Write[], sync: boolean): Promise<void> {
  // Half the processor time of a list of operations, which is copied, and read field by field by LevelDB's binding.
  const batch = database.batch()
  try {
    for (const write of writes) {
      if (write.type === 'put') batch.put(write.key, write.value, NO_OPTIONS)
      else batch.del(write.key, NO_OPTIONS)
    }
  } catch (error) {
    await batch.close()
    throw error
  }
  await batch.write({ sync })
}

function restore(key: string, value: Uint8Array | undefined): Write {
  return value === undefined ? { type: 'delete', key } : { type: 'put', key, value }
}

/** The bytes of a Node `Buffer`, whose `slice` and `toString` do other things than those of the arrays we promise. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

import type { Clock } from '../clock.js'
import type { RandomSource } from '../crypto/random.js'

/** A file that lies in a store's directory and nowhere else: a copy of the directory has another. */
export interface StoreMark {
  readonly text: string
  /** Device, inode and birth of the file. */
  readonly file: string
  /** When anything of the file last changed, by the system's clock; nobody can set it. */
  readonly changed: string
}

/**
 * HMAC-SHA512 of `count` numbers in a row from `from` on, each as four bytes, big-endian: 64 bytes each, computed while this thread goes on.
 * `undefined` for those that are computed sooner here. Never rejects.
 */
export type HmacsBeside = (key: Uint8Array, from: number, count: number) => Promise<Uint8Array | undefined>

/** What only the platform has: time, randomness, threads, files. */
export interface Platform {
  readonly clock: Clock
  readonly random: RandomSource
  /** Where there are threads for it. */
  readonly hmacsBeside?: HmacsBeside
  /** Make a directory and its parents, where there are directories. Rejects with `STORE_UNWRITABLE` or `STORE_FULL`. */
  makeDirectory(path: string): Promise<void>
  /**
   * Whether the key file of a store is needed beside whatever else opens it. So it is where databases keep what was deleted: with that file
   * everything else is destroyed too.
   */
  joinsKeyFiles(): boolean
  /** The text of a key file, or `undefined` if there is none. Rejects with `KEY_FILE_UNSAFE` if others may read it, or `STORE_UNWRITABLE`. */
  readKeyFile(file: string): Promise<string | undefined>
  /** Write a key file that only its owner may read. Rejects with `STORE_UNWRITABLE` or `STORE_FULL`. */
  writeKeyFile(file: string, text: string): Promise<void>
  /** Overwrite a key file and remove it; nothing happens if there is none. Rejects with `STORE_UNWRITABLE`. */
  destroyKeyFile(file: string): Promise<void>
  /** The mark in a store's directory; `undefined` if there is none, or no directories. Rejects with `STORE_UNWRITABLE`. */
  readMark(directory: string): Promise<StoreMark | undefined>
  /** Write the mark anew; `undefined` where there are no directories. Rejects with `STORE_UNWRITABLE`. */
  writeMark(directory: string, text: string): Promise<StoreMark | undefined>
  /** Remove the mark, and the directory of the store unless files of others are in it. Rejects with `STORE_UNWRITABLE`. */
  removeDirectory(directory: string): Promise<void>
}

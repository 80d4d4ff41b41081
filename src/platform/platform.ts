import type { Clock } from '../clock.js'
import type { RandomSource } from '../crypto/random.js'

/** What only the platform has: time, randomness, files. */
export interface Platform {
  readonly clock: Clock
  readonly random: RandomSource
  /** Make a directory and its parents, where there are directories. Rejects with `STORE_UNWRITABLE`. */
  makeDirectory(path: string): Promise<void>
  /** The text of a key file, or `undefined` if there is none. Rejects with `KEY_FILE_UNSAFE` if others may read it. */
  readKeyFile(file: string): Promise<string | undefined>
  /** Write a key file that only its owner may read. Rejects with `STORE_UNWRITABLE`. */
  writeKeyFile(file: string, text: string): Promise<void>
}

import { encodeHex } from '../../codec/hex.js'
import type { RandomSource } from '../../crypto/random.js'
import type { Platform } from '../../platform/platform.js'
import type { ContinuityRecord, KeptMark } from '../../storage/records/continuity-record.js'

/** Bytes of chance in a mark: no two are the same. */
const MARK_BYTES = 16

/** The files beside the database that tell of it. */
export interface PlaceFiles extends Pick<Platform, 'readMark' | 'writeMark'> {
  /** Whether a part of what the database had written is gone, because it was damaged. */
  hasLost(directory: string): Promise<boolean>
  forgetLost(directory: string): Promise<void>
}

/**
 * Where a store lies. A file in its directory is written anew now and then, and the store remembers how it was found: a copy of the directory,
 * or an older one put in its place, has another file, or this one changed at another time.
 */
export class StorePlace {
  readonly #files: PlaceFiles
  readonly #directory: string | undefined
  readonly #random: RandomSource

  /** Without a directory nothing is known of the place. */
  constructor(files: PlaceFiles, directory: string | undefined, random: RandomSource) {
    this.#files = files
    this.#directory = directory
    this.#random = random
  }

  /** Why the state has to be renewed, if it has to: what is left of it is older than what was said from it, or it does not lie where it lay. */
  async findChange({
    mark,
    pending
  }: Pick<ContinuityRecord, 'mark' | 'pending'>): Promise<'damaged' | 'copied' | undefined> {
    if (this.#directory === undefined) return undefined
    if (await this.#files.hasLost(this.#directory)) return 'damaged'
    return mark === undefined || (await this.#isAt(this.#directory, mark, pending)) ? undefined : 'copied'
  }

  async #isAt(directory: string, mark: KeptMark, pending: string | undefined): Promise<boolean> {
    const found = await this.#files.readMark(directory)
    if (found?.file !== mark.file) return false
    // A crash may have come between the file and the record of it.
    return (
      (found.text === mark.text && found.changed === mark.changed) ||
      (pending !== mark.text && found.text === pending)
    )
  }

  /**
   * Write the mark anew; `update` commits what the store is to remember, before and after. One that is `pending` may lie there already: in its place another
   * would be taken for that of a copy, until it is there itself.
   */
  async renew(
    pending: string | undefined,
    update: (change: Partial<ContinuityRecord>) => Promise<void>
  ): Promise<void> {
    if (this.#directory === undefined) return
    const text = pending ?? encodeHex(this.#random(MARK_BYTES))
    await update({ pending: text })
    const mark = await this.#files.writeMark(this.#directory, text)
    if (mark !== undefined) await update({ mark })
    // That it has to be renewed was durable before.
    await this.#files.forgetLost(this.#directory)
  }
}

/** What was stored in one go. */
export interface Stored {
  readonly envelopes: readonly Uint8Array[]
  readonly bytes: number
}

/**
 * What comes in one session, stored as fast as the disk goes: what arrives while some of it is being stored waits, and is stored after it with one
 * commit.
 */
export class Arrivals {
  readonly #admit: (envelopes: readonly Uint8Array[]) => Promise<void>
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #storing: Promise<Stored> | undefined
  /** The next frame, while it is waited for beside what is being stored. */
  #reading: Promise<Uint8Array | undefined> | undefined

  constructor(admit: (envelopes: readonly Uint8Array[]) => Promise<void>) {
    this.#admit = admit
  }

  /** What is being stored: to be acknowledged, then {@link goOn}. */
  get storing(): Promise<Stored> | undefined {
    return this.#storing
  }

  add(envelopes: readonly Uint8Array[], bytes: number): void {
    this.#waiting.push(...envelopes)
    this.#waitingBytes += bytes
    if (this.#storing === undefined) this.#begin()
  }

  /** The next frame, or what has been stored before it came; `undefined` at the end of all frames, when nothing is being stored. */
  async next(receive: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | Stored | undefined> {
    const storing = this.#storing
    const reading = (this.#reading ??= receive())
    // If storing fails, nobody waits for the frame any more.
    reading.catch(() => undefined)
    const first = await (storing === undefined ? reading : Promise.race([storing, reading]))
    // A frame that comes later, while what was stored is acknowledged, is there for the next call.
    if (first instanceof Uint8Array) this.#reading = undefined
    return first ?? (await storing)
  }

  /** What was being stored is: store what came meanwhile. */
  goOn(): void {
    this.#storing = undefined
    if (this.#waitingBytes > 0) this.#begin()
  }

  /** Resolves when nothing is being stored any more, whether that went well or not. */
  async settled(): Promise<void> {
    await this.#storing?.catch(() => undefined)
  }

  #begin(): void {
    const [envelopes, bytes] = [this.#waiting, this.#waitingBytes]
    this.#waiting = []
    this.#waitingBytes = 0
    this.#storing = this.#store(envelopes, bytes)
    // Whoever waits for it hears of a failure; a session that is over does not.
    this.#storing.catch(() => undefined)
  }

  async #store(envelopes: readonly Uint8Array[], bytes: number): Promise<Stored> {
    await this.#admit(envelopes)
    return { envelopes, bytes }
  }
}

import { shortIdKey } from '../../protocol/sync/item.js'
import type { Context } from '../context.js'

/** Wait before an envelope that was fetched is told to others, ms: they may be told by somebody else first. */
const MIN_WAIT = 100
const SPREAD = 900
/** Bytes published in one turn, and the time between two, ms: what crosses a healed partition must not keep others from speaking. */
const TURN_BYTES = 256 * 1024
const TURN = 250
/** Bytes that may wait; what is beyond is left to reconciliation. */
const MAX_WAITING = 8 * 1024 * 1024

/** Tells the own side of a healed partition what was fetched from the other: each envelope once, unless gossip brings it before. */
export class Republisher {
  readonly #context: Context
  readonly #waiting = new Map<string, Uint8Array>()
  #bytes = 0
  #cancel: (() => void) | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** Envelopes that are new here, fetched from a peer. */
  add(envelopes: readonly { readonly id: Uint8Array; readonly envelope: Uint8Array }[]): void {
    for (const { id, envelope } of envelopes) {
      if (!this.#context.budget.allows('foreign', envelope.length)) break
      if (this.#bytes + envelope.length > MAX_WAITING) break
      this.#drop(shortIdKey(id))
      this.#waiting.set(shortIdKey(id), envelope)
      this.#bytes += envelope.length
    }
    const share = (this.#context.random(1)[0] ?? 0) / 256
    this.#cancel ??= this.#context.clock.schedule(MIN_WAIT + share * SPREAD, () => {
      this.#turn()
    })
  }

  /** Gossip brought it: everybody here has it. */
  heard(id: Uint8Array): void {
    if (this.#waiting.size > 0) this.#drop(shortIdKey(id))
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#waiting.clear()
    this.#bytes = 0
  }

  #drop(key: string): void {
    this.#bytes -= this.#waiting.get(key)?.length ?? 0
    this.#waiting.delete(key)
  }

  #turn(): void {
    this.#cancel = undefined
    let published = 0
    for (const [key, envelope] of this.#waiting) {
      if (published >= TURN_BYTES) break
      published += envelope.length
      this.#drop(key)
      this.#context.publishOnce(envelope, 'foreign')
    }
    if (this.#waiting.size === 0) return
    this.#cancel = this.#context.clock.schedule(TURN, () => {
      this.#turn()
    })
  }
}

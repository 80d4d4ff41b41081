import type { PeerName } from './network.js'

/** Something for each direction of a link. Looked up for everything that travels, so no name is put together for it. */
export class Directions<T> {
  readonly #byFrom = new Map<PeerName, Map<PeerName, T>>()

  get(from: PeerName, to: PeerName): T | undefined {
    return this.#byFrom.get(from)?.get(to)
  }

  set(from: PeerName, to: PeerName, value: T): void {
    const known = this.#byFrom.get(from)
    if (known === undefined) this.#byFrom.set(from, new Map([[to, value]]))
    else known.set(to, value)
  }

  /** `false` if there was none. */
  delete(from: PeerName, to: PeerName): boolean {
    return this.#byFrom.get(from)?.delete(to) === true
  }

  /** Every direction for which there is something; it may be deleted meanwhile. */
  *keys(): IterableIterator<readonly [from: PeerName, to: PeerName]> {
    for (const [from, byTo] of this.#byFrom) for (const to of byTo.keys()) yield [from, to]
  }
}

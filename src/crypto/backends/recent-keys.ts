/**
 * A bounded memory of keys that were costly to prepare, looked up by their raw bytes. The oldest entry leaves
 * when a new one exceeds the limit, used or not, so that no secret stays for longer than `limit` newer ones.
 */
export class RecentKeys<Prepared> {
  readonly #entries = new Map<string, Prepared>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get(rawKey: Uint8Array): Prepared | undefined {
    return this.#entries.get(mapKey(rawKey))
  }

  put(rawKey: Uint8Array, prepared: Prepared): void {
    this.#entries.set(mapKey(rawKey), prepared)
    if (this.#entries.size <= this.#limit) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }

  delete(rawKey: Uint8Array): void {
    this.#entries.delete(mapKey(rawKey))
  }
}

// A spread takes four times as long: it goes through the iterator.
function mapKey(rawKey: Uint8Array): string {
  return String(Reflect.apply(String.fromCharCode, undefined, rawKey))
}

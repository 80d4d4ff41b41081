import { MAX_PENDING_CONNECTIONS, MAX_PENDING_PER_HOST } from '../limits.js'

interface Pending {
  /** Close the connection. */
  readonly drop: () => void
}

/**
 * Connections whose handshake is under way. Hosts share the places: when all are taken, who comes from a host with fewer of them takes that of the
 * oldest from a host with the most. So a host that says nothing keeps nobody out, nor do many of them together as long as there are more places.
 */
export class Handshakes {
  /** The oldest first. */
  readonly #hosts = new Map<string, Set<Pending>>()
  #count = 0

  /** Give a connection from `host` a place, until what is returned is called; `undefined` if there is none for it. */
  admit(host: string, drop: () => void): (() => void) | undefined {
    const own = this.#hosts.get(host)?.size ?? 0
    if (own >= MAX_PENDING_PER_HOST) return undefined
    if (this.#count >= MAX_PENDING_CONNECTIONS && !this.#makeRoom(own)) return undefined
    const pending = { drop }
    this.#hosts.set(host, (this.#hosts.get(host) ?? new Set()).add(pending))
    this.#count += 1
    return () => {
      this.#remove(host, pending)
    }
  }

  /**
   * Drop one of a host that has more than so many, and would not have fewer then: hosts that take places from each
   * other would cost their handshakes.
   */
  #makeRoom(own: number): boolean {
    const [host, largest] = [...this.#hosts].reduce((one, other) =>
      other[1].size > one[1].size ? other : one
    )
    if (largest.size < own + 2 && own > 0) return false
    const [oldest] = largest
    if (oldest === undefined) return false
    this.#remove(host, oldest)
    oldest.drop()
    return true
  }

  #remove(host: string, pending: Pending): void {
    const others = this.#hosts.get(host)
    if (others?.delete(pending) !== true) return
    this.#count -= 1
    if (others.size === 0) this.#hosts.delete(host)
  }
}

import type { IdentityId } from '../../codec/ids.js'
import type { ContactQueue } from '../contact-queue.js'
import type { Unit } from '../unit.js'
import type { Outbox } from './outbox.js'

interface Parts {
  readonly outbox: Pick<Outbox, 'hasUnsealed'>
  readonly queue: Pick<ContactQueue, 'run'>
  readonly onFailure: (what: string, error: unknown) => void
}

/** Seals what waits for a session or for room, as a step of its contact, and again for as long as that leaves some. */
export class Sealing {
  readonly #parts: Parts
  readonly #seal: (unit: Unit) => Promise<boolean>
  readonly #running = new Set<IdentityId>()
  /** Contacts that something changed for meanwhile. */
  readonly #again = new Set<IdentityId>()

  /** `seal` says whether more is left that can be sealed. */
  constructor(parts: Parts, seal: (unit: Unit) => Promise<boolean>) {
    this.#parts = parts
    this.#seal = seal
  }

  soon(id: IdentityId): void {
    const { outbox, queue, onFailure } = this.#parts
    if (!outbox.hasUnsealed(id)) return
    if (this.#running.has(id)) {
      // What asks may have come behind the step that seals, in one commit with it: a bundle that this had found missing.
      this.#again.add(id)
      return
    }
    this.#running.add(id)
    queue.run(id, this.#seal).then(
      (more) => {
        this.#running.delete(id)
        if (this.#again.delete(id) || more) this.soon(id)
      },
      (error: unknown) => {
        this.#running.delete(id)
        this.#again.delete(id)
        onFailure('seal', error)
      }
    )
  }
}

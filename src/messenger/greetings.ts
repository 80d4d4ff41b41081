import type { IdentityId } from '../codec/ids.js'
import { expiryDay } from '../protocol/envelope/envelope.js'
import { DAY_MS, DEFAULT_LIFETIME_DAYS } from '../protocol/limits.js'
import { shouldSayHello } from '../protocol/handshake/say-hello.js'
import type { Context } from './context.js'
import { sealPayload, sendingSession } from './seal.js'

/** Least time between two greetings of one contact, ms: in the open lane each costs a proof of work. */
const BETWEEN = 60_000

/**
 * Hellos without content, to contacts whose bundle is past its life: text waits until they have answered, for the prekeys of such a bundle
 * may be in a thief's hands.
 */
export class Greetings {
  readonly #context: Context
  readonly #greetedAt = new Map<IdentityId, number>()

  constructor(context: Context) {
    this.#context = context
  }

  /** Greet everybody whose answer messages wait for: somebody is there who may carry it. */
  greetAll(): void {
    for (const id of this.#context.queue.states.keys()) this.greet(id)
  }

  /** Greet a contact, if its answer is needed and it was not greeted a moment ago. */
  greet(id: IdentityId): void {
    const context = this.#context
    const state = context.queue.states.get(id)
    const now = context.clock.now()
    if (!context.state.started || state === undefined) return
    const session = sendingSession(context, state, now)
    if (session?.stale !== true || !shouldSayHello(session)) return
    const last = this.#greetedAt.get(id)
    if (last !== undefined && now - last < BETWEEN && now >= last) return
    this.#greetedAt.set(id, now)
    this.#seal(id).catch((error: unknown) => {
      context.onFailure('greeting', error)
    })
  }

  async #seal(id: IdentityId): Promise<void> {
    const context = this.#context
    await context.queue.run(id, async (unit) => {
      const contact = unit.state?.contact
      if (contact === undefined || contact.blocked || contact.change !== undefined) return
      const expiry = expiryDay(context.clock.now(), DEFAULT_LIFETIME_DAYS * DAY_MS)
      const envelope = await sealPayload(context, unit, undefined, expiry)
      if (envelope === undefined) return
      unit.after(() => {
        context.publishOnce(envelope)
      })
    })
  }
}

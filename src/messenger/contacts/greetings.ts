import type { IdentityId } from '../../codec/ids.js'
import { expiryDay } from '../../protocol/envelope/envelope.js'
import { DAY_MS, DEFAULT_LIFETIME_DAYS } from '../../protocol/limits.js'
import { shouldSayHello } from '../../protocol/handshake/say-hello.js'
import type { Context } from '../context.js'
import { sealPayload, sendingSession } from '../send/seal.js'
import { listeners } from '../status.js'

/** Least time between two greetings of one contact, ms. */
const BETWEEN = 60_000
/** For how long a greeting is repeated as it is, ms: in the open lane another costs another proof of work. */
const REPEATED_FOR = DAY_MS

interface Greeting {
  readonly envelope: Uint8Array
  readonly sessionId: Uint8Array
  readonly sealedAt: number
}

/**
 * Hellos without content, to contacts whose bundle is past its life: text waits until they have answered, for the prekeys of such a bundle
 * may be in a thief's hands.
 */
export class Greetings {
  readonly #context: Context
  readonly #greetedAt = new Map<IdentityId, number>()
  readonly #greetings = new Map<IdentityId, Greeting>()

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
    // With nobody there a greeting would be lost.
    if (!context.state.started || state === undefined || listeners(context) === 0) return
    const session = sendingSession(context, state, now)
    if (session?.stale !== true || !shouldSayHello(session)) return
    const last = this.#greetedAt.get(id)
    if (last !== undefined && now - last < BETWEEN && now >= last) return
    this.#greetedAt.set(id, now)
    const greeting = this.#greetings.get(id)
    const age = greeting === undefined ? Infinity : now - greeting.sealedAt
    if (greeting?.sessionId === session.id && age >= 0 && age < REPEATED_FOR) {
      context.publishOnce(greeting.envelope, 'routine')
      return
    }
    this.#seal(id).catch((error: unknown) => {
      context.onFailure('greeting', error)
    })
  }

  /** A contact was removed. */
  forget(id: IdentityId): void {
    this.#greetedAt.delete(id)
    this.#greetings.delete(id)
  }

  async #seal(id: IdentityId): Promise<void> {
    const context = this.#context
    await context.queue.run(id, async (unit) => {
      const contact = unit.state?.contact
      if (contact === undefined || contact.blocked || contact.change !== undefined) return
      const sealedAt = context.clock.now()
      const expiry = expiryDay(sealedAt, DEFAULT_LIFETIME_DAYS * DAY_MS)
      const envelope = await sealPayload(context, unit, [], expiry)
      const session = unit.state === undefined ? undefined : sendingSession(context, unit.state, sealedAt)
      if (envelope === undefined) return
      unit.after(() => {
        if (session !== undefined) this.#greetings.set(id, { envelope, sessionId: session.id, sealedAt })
        context.publishOnce(envelope, 'routine')
      })
    })
  }
}

import { DAY_MS } from '../protocol/limits.js'
import { emitContact } from './announce.js'
import type { Context } from './context.js'
import { dropExpiredInvites, rotateIfDue } from './contacts/own-identity.js'
import { prune } from './receive/prune.js'
import { renewStuck } from './renew-stuck.js'

/** Between two looks at what grows old, ms. */
const MAINTENANCE = 60_000
/** Between two times at which peers are asked whether somebody else issues our bundles while messages wait, ms; else it is a day. */
const LOOK_WHILE_WAITING = 60 * 60_000

/** What the node does when its maintenance finds that it is time. */
export interface MaintenanceActions {
  expire(): Promise<void>
  lookForOwn(): void
  onPruned(): Promise<void>
}

/** Looks once a minute at what grows old. */
export class Maintenance {
  readonly #context: Context
  readonly #actions: MaintenanceActions
  /** Cancels the next look; `undefined` while stopped. */
  #cancel: (() => void) | undefined
  /** The look that is under way. */
  #looking: Promise<void> = Promise.resolve()
  #prunedAt = 0
  #maintainedAt = 0
  #lookedAt = 0

  constructor(context: Context, actions: MaintenanceActions) {
    this.#context = context
    this.#actions = actions
  }

  start(): void {
    this.#maintainedAt = this.#context.clock.now()
    this.#schedule()
  }

  /** Resolves when nothing is looked at any more: the next start must find no look that goes on beside its own. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    await this.#looking
  }

  #schedule(): void {
    this.#cancel = this.#context.clock.schedule(MAINTENANCE, () => {
      this.#looking = this.#look()
    })
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    await this.#tried(() => this.#maintain())
    if (this.#cancel !== undefined) this.#schedule()
  }

  /** A step after which the next one is done whatever became of it, as while the store fails. */
  async #tried(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.#context.onFailure('maintenance', error)
    }
  }

  async #maintain(): Promise<void> {
    const context = this.#context
    const now = context.clock.now()
    const isSteady = Math.abs(now - this.#maintainedAt - MAINTENANCE) < MAINTENANCE / 2
    this.#maintainedAt = now
    // A clock that has just jumped deletes nothing: if it was right to, the next round will say the same.
    if (isSteady) await this.#tried(() => this.#forgetOld(now))
    context.mailbox.releaseDue(now)
    await context.budget.save().catch((error: unknown) => {
      context.onFailure('budget', error)
    })
    // A clock that was set back has moved what is due; a store that has failed may work again.
    for (const id of context.queue.states.keys()) context.sealSoon(id)
    context.flush()
    await this.#tried(() => renewStuck(context))
    await this.#tried(() => rotateIfDue(context))
    // Where nothing is acknowledged, somebody else may be written to in our place.
    if (Math.abs(now - this.#lookedAt) > (context.outbox.size > 0 ? LOOK_WHILE_WAITING : DAY_MS)) {
      this.#lookedAt = now
      this.#actions.lookForOwn()
    }
    for (const [id, { conversation }] of context.queue.states) {
      // Whoever has just fallen silent no longer counts as reachable.
      const silence = context.clock.now() - conversation.heardAt
      if (silence > MAINTENANCE && silence <= 2 * MAINTENANCE) emitContact(context, id)
    }
  }

  async #forgetOld(now: number): Promise<void> {
    await this.#actions.expire()
    await this.#context.mailbox.expire(now)
    await this.#context.mailbox.mergeRecords()
    await dropExpiredInvites(this.#context)
    if (now - this.#prunedAt <= DAY_MS && now >= this.#prunedAt) return
    this.#prunedAt = now
    await prune(this.#context)
    await this.#actions.onPruned()
  }
}

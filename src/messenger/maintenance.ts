import { DAY_MS } from '../protocol/limits.js'
import { emitContact } from './announce.js'
import type { Context } from './context.js'
import { dropExpiredInvites, rotateIfDue } from './contacts/own-identity.js'
import { prune } from './receive/prune.js'
import { renewStuck } from './renew-stuck.js'
import { HEARD_LATELY, isHeardLately } from './status.js'

/** Between two looks at what grows old, ms, where something waits or has changed. */
const MAINTENANCE = 60_000
/** The same where nothing does: days end, and clocks are set. */
const QUIET_MAINTENANCE = 600_000
/** Between two times at which peers are asked whether somebody else issues our bundles while messages wait, ms; else it is a day. */
const LOOK_WHILE_WAITING = 60 * 60_000

/** What the node does when its maintenance finds that it is time. */
export interface MaintenanceActions {
  expire(): Promise<void>
  lookForOwn(): void
  onPruned(): Promise<void>
}

/** Looks at what grows old: once a minute, and rarely where nothing waits, as each look wakes the device. */
export class Maintenance {
  readonly #context: Context
  readonly #actions: MaintenanceActions
  /** Cancels the next look; `undefined` while stopped. */
  #cancel: (() => void) | undefined
  /** The look that is under way. */
  #looking: Promise<void> = Promise.resolve()
  /** Whether nothing waits for the next look. */
  #isQuiet = false
  /** When the next look is due, epoch ms. */
  #dueAt = 0
  #prunedAt = 0
  #maintainedAt = 0
  #lookedAt = 0
  /** What the mailbox was at the last look. */
  #version = 0
  #hasFailed = false

  constructor(context: Context, actions: MaintenanceActions) {
    this.#context = context
    this.#actions = actions
  }

  start(): void {
    this.#maintainedAt = this.#context.clock.now()
    this.#schedule(MAINTENANCE)
  }

  /** Resolves when nothing is looked at any more: the next start must find no look that goes on beside its own. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    await this.#looking
  }

  /** Something has changed that may come to wait. */
  stir(): void {
    if (this.#cancel === undefined || !this.#isQuiet) return
    this.#cancel()
    this.#schedule(MAINTENANCE)
  }

  #schedule(delay: number): void {
    const { clock } = this.#context
    this.#isQuiet = delay > MAINTENANCE
    this.#dueAt = clock.now() + delay
    this.#cancel = clock.schedule(delay, () => {
      this.#isQuiet = false
      this.#looking = this.#look()
    })
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    this.#hasFailed = false
    await this.#tried(() => this.#maintain())
    if (this.#cancel !== undefined) this.#schedule(this.#isAwaited() ? MAINTENANCE : this.#quiet())
  }

  /** A step after which the next one is done whatever became of it, as while the store fails. */
  async #tried(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.#hasFailed = true
      this.#context.onFailure('maintenance', error)
    }
  }

  async #maintain(): Promise<void> {
    const context = this.#context
    const now = context.clock.now()
    const before = this.#maintainedAt
    this.#maintainedAt = now
    // A clock that has just jumped deletes nothing: if it was right to, the next round will say the same.
    if (this.#isSteady(now)) await this.#tried(() => this.#forgetOld(now))
    context.mailbox.releaseDue(now)
    await this.#tried(() => context.budget.save())
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
      // Whoever has fallen silent since the last look no longer counts as reachable.
      const silentAt = conversation.heardAt + HEARD_LATELY
      if (before < silentAt && silentAt <= now) emitContact(context, id)
    }
  }

  #isSteady(now: number): boolean {
    return Math.abs(now - this.#dueAt) < MAINTENANCE / 2
  }

  /** Whether anything waits for the next look, or has changed since the last. */
  #isAwaited(): boolean {
    const { outbox, mailbox, queue, state, clock } = this.#context
    const hasChanged = mailbox.version !== this.#version
    this.#version = mailbox.version
    return (
      hasChanged ||
      this.#hasFailed ||
      state.storage !== 'ok' ||
      !this.#isSteady(this.#maintainedAt) ||
      outbox.size > 0 ||
      [...queue.states.values()].some(({ conversation }) => isHeardLately(conversation, clock.now()))
    )
  }

  /** How long nothing is to be done that is known of, ms. */
  #quiet(): number {
    const { mailbox, clock } = this.#context
    return Math.max(MAINTENANCE, Math.min(mailbox.nextReleaseAt - clock.now(), QUIET_MAINTENANCE))
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

import type { IdentityId } from '../codec/ids.js'
import type { Tables } from '../storage/records/tables.js'
import type { Store } from '../storage/store.js'
import { stateWrites, type PeerState } from './peer-state.js'
import { Draft, Unit, type Outgoing } from './unit.js'

/** Steps that share one commit at most: more would make the first wait for the last. */
const MAX_STEPS_PER_COMMIT = 128

type Step<Result> = (unit: Unit) => Result | Promise<Result>

/** A step that waits for its turn, with who waits for it. */
interface Waiting {
  /** Resolves with what tells its caller of the result. */
  readonly run: Step<() => void>
  readonly reject: (error: unknown) => void
}

export interface ContactQueueOptions {
  readonly store: Store
  readonly tables: Tables
  /** Seals and stores what the steps of a commit send, as its last step. */
  readonly seal: (unit: Unit, outgoing: readonly Outgoing[]) => Promise<void>
  /** Called after a commit, before effects: indexes follow the state. */
  readonly onChange: (id: IdentityId, before: PeerState | undefined, after: PeerState | undefined) => void
  /** Resolves when this turn of the event loop is over. */
  readonly turnEnd: () => Promise<void>
  readonly onCommitFailed: (error: unknown) => void
  /** Something that follows a commit threw: a defect, or a part of the app's own. */
  readonly onEffectFailed: (error: unknown) => void
}

/**
 * One at a time per contact: steps that arrive while a commit is under way run together and share the next one. A step that throws
 * leaves no trace; a commit that fails undoes all its steps.
 */
export class ContactQueue {
  readonly #options: ContactQueueOptions
  readonly #states = new Map<IdentityId, PeerState>()
  readonly #waiting = new Map<IdentityId, Waiting[]>()
  readonly #running = new Set<Promise<void>>()

  constructor(options: ContactQueueOptions) {
    this.#options = options
  }

  /** Committed states, by contact. */
  get states(): ReadonlyMap<IdentityId, PeerState> {
    return this.#states
  }

  /** Take over a state read from the store at start. */
  restore(state: PeerState): void {
    this.#states.set(state.contact.id, state)
    this.#options.onChange(state.contact.id, undefined, state)
  }

  /** Run a step on a contact's state; resolves with its result once the commit is durable. */
  run<Result>(id: IdentityId, step: Step<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const run = async (unit: Unit): Promise<() => void> => {
        const result = await step(unit)
        return () => {
          resolve(result)
        }
      }
      this.#enqueue(id, { run, reject })
    })
  }

  /** Resolves when nothing is queued or being committed. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #enqueue(id: IdentityId, waiting: Waiting): void {
    const queue = this.#waiting.get(id)
    if (queue !== undefined) {
      queue.push(waiting)
      return
    }
    this.#waiting.set(id, [waiting])
    const running = this.#drain(id).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #drain(id: IdentityId): Promise<void> {
    for (;;) {
      // A turn later, so that steps queued together share a commit.
      await Promise.resolve()
      const queue = this.#waiting.get(id) ?? []
      const batch = queue.splice(0, MAX_STEPS_PER_COMMIT)
      if (batch.length === 0) break
      await this.#runBatch(id, batch)
      // Between commits that took no waiting, the network has its turn.
      if (queue.length > 0) await this.#options.turnEnd()
    }
    this.#waiting.delete(id)
  }

  async #runBatch(id: IdentityId, batch: readonly Waiting[]): Promise<void> {
    const before = this.#states.get(id)
    const draft = new Draft(before)
    const done: { readonly tell: () => void; readonly reject: Waiting['reject'] }[] = []
    for (const { run, reject } of batch) {
      try {
        done.push({ tell: await this.#step(draft, run), reject })
      } catch (error) {
        reject(error)
      }
    }
    try {
      const { outgoing } = draft
      if (outgoing.length > 0)
        await this.#step(draft, async (unit) => await this.#options.seal(unit, outgoing))
      await this.#commit(before, draft)
    } catch (error) {
      for (const { reject } of done) reject(error)
      this.#run(() => this.#options.onCommitFailed(error))
      return
    }
    const after = draft.state
    if (after === undefined) this.#states.delete(id)
    else this.#states.set(id, after)
    if (before !== after) this.#run(() => this.#options.onChange(id, before, after))
    for (const effect of draft.effects) this.#run(effect)
    for (const { tell } of done) tell()
  }

  /** Run a step on what those before it came to. */
  async #step<Result>(draft: Draft, step: Step<Result>): Promise<Result> {
    const unit = new Unit(this.#options.store, draft)
    const result = await step(unit)
    draft.add(unit)
    return result
  }

  /** What follows a commit must not stop the contact's next steps. */
  #run(effect: () => void): void {
    try {
      effect()
    } catch (error) {
      this.#options.onEffectFailed(error)
    }
  }

  async #commit(before: PeerState | undefined, draft: Draft): Promise<void> {
    const { store, tables } = this.#options
    const changes =
      draft.state === undefined || draft.state === before ? [] : stateWrites(tables, before, draft.state)
    const writes = [...draft.writes.values(), ...changes]
    if (writes.length > 0) await store.commit(writes)
  }
}

import { MessengerError } from '../errors.js'
import { onAbort } from '../on-abort.js'
import { Carrying } from './carry/carrying.js'
import { updateContinuity } from './continuity/continuity.js'
import type { Context, ContextParts, NodeCalls } from './context.js'
import { createContext, type ContextBounds } from './create-context.js'
import { exportParcels } from './carry/export-parcels.js'
import { BundleExchange } from './contacts/exchange-bundles.js'
import { Flusher } from './send/flush-outbox.js'
import { Greetings } from './contacts/greetings.js'
import { Inbound } from './receive/inbound.js'
import { Maintenance } from './maintenance.js'
import { keepLinks } from './contacts/keep-links.js'
import { announcePeers, networkHandlers } from './network-handlers.js'
import type { Messenger, SyncOptions, SyncReport } from './messenger.js'
import { rotateIfDue } from './contacts/own-identity.js'
import { checkLevel, restsAt, type PowerReading } from './power.js'
import { Receipts } from './receive/receipts.js'
import { greetAfterLoss, renewIdentity } from './continuity/renew.js'
import { redateMisdated } from './send/redate.js'
import { reachableContacts } from './status.js'
import { completeTags, restoreAll } from './restore.js'

/** What a node is made of. */
interface NodeParts extends ContextParts, ContextBounds {
  /** Level of the battery above which something is done for others; always if not given. */
  readonly carryAbove?: number | undefined
}

/** One running messenger: its context, its parts, and their beginning and end. */
export class Node {
  readonly context: Context
  readonly #inbound: Inbound
  readonly #flusher: Flusher
  readonly #receipts: Receipts
  readonly #bundles: BundleExchange
  readonly #greetings: Greetings
  readonly #carrying: Carrying
  readonly #maintenance: Maintenance
  readonly #carryAbove: number | undefined
  /** Ends when the tags of what the store holds are computed. */
  #completed: Promise<void> = Promise.resolve()
  /** Of what waits for a sink or a source of the app's own, which may hang: the close ends it. */
  readonly #endings = new Set<AbortController>()
  #isClosed = false
  /** Starts, stops and the close run one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: NodeParts) {
    this.#carryAbove = parts.carryAbove
    this.context = createContext(parts, this.#calls())
    this.#inbound = new Inbound(this.context)
    this.#flusher = new Flusher(this.context)
    this.#receipts = new Receipts(this.context)
    this.#bundles = new BundleExchange(this.context)
    this.#greetings = new Greetings(this.context)
    this.#carrying = new Carrying(this.context, this.#inbound)
    this.#maintenance = new Maintenance(this.context, {
      expire: async () => {
        await redateMisdated(this.context)
        await this.#flusher.expire()
      },
      lookForOwn: () => {
        this.#bundles.lookForOwn()
      },
      onPruned: async () => {
        await this.#tryMark()
      }
    })
  }

  #calls(): NodeCalls {
    return {
      flush: () => {
        this.#flusher.request()
      },
      publishOnce: (envelope, traffic) => {
        this.#flusher.once(envelope, traffic)
      },
      owesReceipt: (contactId, isPressing) => {
        this.#receipts.owe(contactId, isPressing)
      },
      greet: (contactId) => {
        this.#greetings.greet(contactId)
      },
      forgetContact: (contactId) => {
        this.#receipts.forget(contactId)
        this.#greetings.forget(contactId)
      },
      lookUpBundles: () => {
        this.#bundles.lookUp()
      },
      expect: (run) => {
        this.#carrying.expect(run)
      },
      lookThrough: (contactId) => {
        void this.#carrying.lookThrough(contactId)
      },
      stir: () => {
        this.#maintenance.stir()
      },
      heardInGossip: (item, from) => {
        this.#carrying.heard(item, from)
      }
    }
  }

  /** Read the store into memory. */
  async open(): Promise<void> {
    await this.context.budget.load()
    await this.context.mailbox.load(this.context.clock.now())
    await restoreAll(this.context)
    this.#carrying.opened()
    this.#completed = completeTags(this.context).then(() => this.#carrying.lookThrough())
    await this.#bundles.load()
    const { due } = this.context.own.continuity
    if (due !== undefined) await renewIdentity(this.context, due)
    await this.#tryMark()
    this.context.network.join(this.context.topic)
  }

  async start(): Promise<void> {
    await this.#inTurn(async () => {
      const { context } = this
      this.#checkOpen()
      if (context.state.started) return
      await rotateIfDue(context)
      keepLinks(context)
      this.#checkOpen()
      await context.network.start(
        networkHandlers(context, {
          inbound: this.#inbound,
          receipts: this.#receipts,
          bundles: this.#bundles,
          greetings: this.#greetings,
          carrying: this.#carrying
        })
      )
      context.state.started = true
      // The close, whose turn is next, stops it.
      this.#checkOpen()
      this.#receipts.restore()
      context.flush()
      for (const id of context.queue.states.keys()) context.sealSoon(id)
      greetAfterLoss(context)
      this.#bundles.lookUp()
      this.#carrying.start()
      this.#maintenance.start()
    })
  }

  #checkOpen(): void {
    if (this.context.state.closed) throw closed()
  }

  async stop(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stop()
    })
  }

  /** From now on nothing is begun or gone on with; what is left to do is to close. */
  end(): void {
    this.context.state.closed = true
    for (const ending of this.#endings) ending.abort(closed())
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      const { context } = this
      if (this.#isClosed) return
      this.#isClosed = true
      this.end()
      context.tags.close()
      try {
        await this.#stop()
      } finally {
        // Whatever became of the network, the store is left in order and unlocked.
        await this.#completed
        await this.#inbound.idle()
        await this.#flusher.idle()
        await context.queue.idle()
        await context.mailbox.close()
        await context.budget.save().catch((error: unknown) => {
          this.context.onFailure('budget', error)
        })
        this.#receipts.stop()
        this.#carrying.close()
        this.#inbound.close()
        context.tail.close()
        context.events.end()
        // What was copied meanwhile is older than this.
        await this.#tryMark()
        await context.store.close()
      }
    })
  }

  async #stop(): Promise<void> {
    const { context } = this
    if (!context.state.started) return
    const wereReachable = reachableContacts(context)
    const wereLinked = context.state.linked.size > 0
    context.state.started = false
    this.#flusher.stop()
    this.#receipts.stop()
    this.#bundles.stop()
    const ended = Promise.all([this.#carrying.stop(), this.#maintenance.stop()])
    try {
      await context.network.stop()
    } finally {
      await ended
    }
    context.state.linked = new Set()
    // The network says nothing any more, and whoever closes does not ask.
    if (wereLinked && !context.state.closed) announcePeers(context, wereReachable)
  }

  /** Mark the store's place anew. Not marked, it is taken for a copy at worst. */
  async #tryMark(): Promise<void> {
    try {
      const { place, own } = this.context
      await place.renew(own.continuity.pending, (change) => updateContinuity(this.context, change))
    } catch (error) {
      this.context.onFailure('mark', error)
    }
  }

  async #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(action)
    // The next one runs whatever became of this one; whoever called this one is told.
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  /** Do nothing for others while the battery is low, and all of it again when it is not. */
  setPower(reading: PowerReading): void {
    checkLevel(reading.level, 'The level of a battery')
    const { state, mailbox, network } = this.context
    const resting = restsAt(reading, this.#carryAbove, state.resting)
    if (resting === state.resting) return
    state.resting = resting
    mailbox.rest(resting)
    this.#carrying.rest(resting)
    network.rest?.(resting)
  }

  /** Reconcile with everybody linked. */
  async sync(options?: SyncOptions): Promise<SyncReport> {
    return await this.#carrying.sync(options)
  }

  readonly exportParcels: Messenger['exportParcels'] = async (sink, options = {}) =>
    await this.#untilClosed(options.signal, async (signal) => {
      await this.#receipts.make()
      return await exportParcels(this.context, sink, { ...options, signal })
    })

  readonly importParcels: Messenger['importParcels'] = async (source, options = {}) =>
    await this.#untilClosed(
      options.signal,
      async (signal) => await this.#carrying.importParcels(source, { ...options, signal })
    )

  async #untilClosed<Result>(
    signal: AbortSignal | undefined,
    use: (signal: AbortSignal) => Promise<Result>
  ): Promise<Result> {
    const ending = new AbortController()
    const release = onAbort(signal, () => {
      ending.abort(signal?.reason)
    })
    this.#endings.add(ending)
    try {
      return await use(ending.signal)
    } finally {
      this.#endings.delete(ending)
      release()
    }
  }
}

export function closed(): MessengerError {
  return new MessengerError('CLOSED', 'This messenger was closed; open it again with createMessenger()')
}

import type { IdentityId } from '../codec/ids.js'
import { isMessengerError, MessengerError } from '../errors.js'
import { identityId } from '../protocol/identity/identity.js'
import { Budget } from './budget.js'
import { Carrying, createMailbox } from './carry/carrying.js'
import { ContactQueue } from './contact-queue.js'
import { updateContinuity } from './continuity/continuity.js'
import type { Context } from './context.js'
import { Events } from './events.js'
import { exportParcels } from './carry/export-parcels.js'
import { BundleExchange } from './contacts/exchange-bundles.js'
import { Flusher } from './send/flush-outbox.js'
import { Greetings } from './contacts/greetings.js'
import { Inbound } from './receive/inbound.js'
import { Maintenance } from './maintenance.js'
import { markHeld } from './carry/mark-held.js'
import { networkHandlers } from './network-handlers.js'
import { meteredNetwork } from './metered-network.js'
import type { Messenger, SyncOptions, SyncReport } from './messenger.js'
import { OwnProfile } from './contacts/own-profile.js'
import { rotateIfDue } from './contacts/own-identity.js'
import type { PeerState } from './peer-state.js'
import { checkLevel, restsAt, type PowerReading } from './power.js'
import { pruneContact } from './prune.js'
import { Receipts } from './receive/receipts.js'
import { RecentMessages } from './receive/recent-messages.js'
import { greetAfterLoss, renewIdentity } from './continuity/renew.js'
import { redateMisdated } from './send/redate.js'
import { resealUnacknowledged } from './send/reseal.js'
import { completeTags, restoreAll } from './restore.js'
import { Seen } from './receive/seen.js'
import { sealOutgoing, sealWaiting } from './send/enqueue.js'
import { Sealing } from './send/sealing.js'
import { contactPeers } from './status.js'
import { Tail } from './tail.js'
import { suspectCopy } from './continuity/suspect-copy.js'
import { TagIndex } from './receive/tag-index.js'

type NodeParts = Pick<
  Context,
  | 'clock'
  | 'random'
  | 'logger'
  | 'store'
  | 'tables'
  | 'network'
  | 'networkName'
  | 'topic'
  | 'own'
  | 'place'
  | 'conversations'
> & {
  /** Bytes of envelopes kept for others. */
  readonly quota: number
  /** Bytes that may be sent within an hour; no bound if not given. */
  readonly bytesPerHour?: number
  /** Level of the battery above which something is done for others; always if not given. */
  readonly carryAbove?: number
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
  readonly #sealing: Sealing
  readonly #maintenance: Maintenance
  readonly #carryAbove: number | undefined
  /** Ends when the tags of what the store holds are computed. */
  #completed: Promise<void> = Promise.resolve()
  /** Starts, stops and the close run one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: NodeParts) {
    this.#carryAbove = parts.carryAbove
    this.context = this.#createContext(parts)
    this.#sealing = new Sealing(this.context, async (unit) => await sealWaiting(this.context, unit))
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

  #createContext(parts: NodeParts): Context {
    const onFailure = (error: unknown): void => {
      this.#onFailure('mailbox', error)
    }
    const { mailbox, holders, outbox } = createMailbox({ ...parts, onFailure }, (held) => {
      markHeld(this.context, held)
    })
    const tags = new TagIndex((run) => {
      this.#carrying.expect(run)
    })
    const queue = new ContactQueue({
      store: parts.store,
      tables: parts.tables,
      seal: async (unit, outgoing) => {
        await sealOutgoing(this.context, unit, outgoing)
      },
      onChange: (id, before, after) => {
        this.#onChange(id, before, after)
      },
      turnEnd: () =>
        new Promise((resolve) => {
          parts.clock.schedule(0, resolve)
        }),
      onCommitFailed: (error) => {
        this.#onFailure('commit', error)
      },
      onEffectFailed: (error) => {
        this.#onFailure('effect', error)
      }
    })
    const budget = new Budget({ ...parts, onFailure: (error) => this.#onFailure('budget', error) })
    return {
      ...parts,
      budget,
      network: meteredNetwork(parts.network, budget),
      queue,
      tags,
      outbox,
      mailbox,
      holders,
      seen: new Seen(),
      reconciledAt: new Map(),
      recent: new RecentMessages(),
      events: new Events(),
      tail: new Tail(),
      invites: new Map(),
      ownId: identityId(parts.own.record.identity.signing.publicKey),
      profile: new OwnProfile(parts),
      state: initialState(),
      onFailure: (what, error) => {
        this.#onFailure(what, error)
      },
      flush: () => {
        this.#flusher.request()
      },
      owesReceipt: (contactId, isPressing) => {
        this.#receipts.owe(contactId, isPressing)
      },
      greet: (contactId) => {
        this.#greetings.greet(contactId)
      },
      resealSoon: (contactId) => {
        queue
          .run(contactId, async (unit) => {
            await resealUnacknowledged(this.context, unit)
          })
          .catch((error: unknown) => {
            this.#onFailure('seal', error)
          })
      },
      sealSoon: (contactId) => {
        this.#sealing.soon(contactId)
      },
      pruneSoon: (contactId) => {
        pruneContact(this.context, contactId, true).catch((error: unknown) => {
          this.#onFailure('prune', error)
        })
      },
      suspectCopy: (reason, seq) => {
        suspectCopy(this.context, reason, seq)
      },
      lookUpBundles: () => {
        this.#bundles.lookUp()
      },
      keepLinks: () => {
        this.#keepLinks()
      },
      heardInGossip: (item, from) => {
        this.#carrying.heard(item, from)
      },
      publishOnce: (envelope, traffic) => {
        this.#flusher.once(envelope, traffic)
      }
    }
  }

  /** Read the store into memory. */
  async open(): Promise<void> {
    await this.context.budget.load()
    await this.context.mailbox.load(this.context.clock.now())
    await restoreAll(this.context)
    this.#carrying.opened()
    this.#completed = completeTags(this.context)
    await this.#bundles.load()
    const { due } = this.context.own.continuity
    if (due !== undefined) await renewIdentity(this.context, due)
    await this.#tryMark()
    this.context.network.join(this.context.topic)
  }

  async start(): Promise<void> {
    await this.#inTurn(async () => {
      const { context } = this
      if (context.state.closed) throw closed()
      if (context.state.started) return
      await rotateIfDue(context)
      this.#keepLinks()
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
      this.#receipts.restore()
      context.flush()
      for (const id of context.queue.states.keys()) context.sealSoon(id)
      greetAfterLoss(context)
      this.#bundles.lookUp()
      this.#carrying.start()
      this.#maintenance.start()
    })
  }

  async stop(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#stop()
    })
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      const { context } = this
      if (context.state.closed) return
      context.state.closed = true
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
          this.#onFailure('budget', error)
        })
        this.#receipts.stop()
        context.tail.close()
        // What was copied meanwhile is older than this.
        await this.#tryMark()
        await context.store.close()
      }
    })
  }

  async #stop(): Promise<void> {
    const { context } = this
    if (!context.state.started) return
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
  }

  /** Mark the store's place anew. Not marked, it is taken for a copy at worst. */
  async #tryMark(): Promise<void> {
    try {
      await this.context.place.renew((change) => updateContinuity(this.context, change))
    } catch (error) {
      this.#onFailure('mark', error)
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

  readonly exportParcels: Messenger['exportParcels'] = async (sink, options = {}) => {
    await this.#receipts.make()
    return await exportParcels(this.context, sink, options)
  }

  readonly importParcels: Messenger['importParcels'] = async (source, options = {}) =>
    await this.#carrying.importParcels(source, options)

  #onChange(id: IdentityId, before: PeerState | undefined, after: PeerState | undefined): void {
    const { context } = this
    context.tags.update(id, before?.sessions ?? [], after?.sessions ?? [])
    if (after !== undefined && before === undefined) context.conversations.set(after.conversation.id, id)
    if (context.state.storage !== 'ok') this.#setStorage('ok')
  }

  #keepLinks(): void {
    const { context } = this
    const states = [...context.queue.states.values()]
    context.state.contactPeers = contactPeers(states)
    context.network.keep(
      states
        // A stranger does not decide whom we dial.
        .filter(({ contact }) => contact.accepted && !contact.blocked && contact.addresses.length > 0)
        .map(({ contact }) => ({ id: contact.id, addresses: contact.addresses }))
    )
  }

  #onFailure(what: string, error: unknown): void {
    this.context.logger.warn('something failed and will be tried again', {
      what,
      reason: error instanceof Error ? error.message : 'unknown'
    })
    if (isMessengerError(error, 'STORE_FULL')) {
      this.#setStorage('full')
      this.context.mailbox.relieve()
    } else if (isMessengerError(error, 'STORE_FAILED')) this.#setStorage('failed')
  }

  #setStorage(storage: Context['state']['storage']): void {
    const { state, events } = this.context
    if (state.storage === storage) return
    state.storage = storage
    events.emit('storage:update', { storage })
  }
}

function initialState(): Context['state'] {
  return {
    started: false,
    closed: false,
    storage: 'ok',
    resting: false,
    linked: new Set(),
    contactPeers: new Set()
  }
}

export function closed(): MessengerError {
  return new MessengerError('CLOSED', 'This messenger was closed; open it again with createMessenger()')
}

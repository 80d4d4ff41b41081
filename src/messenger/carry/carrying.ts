import type { PeerName, PeerStream } from '../../network/network.js'
import { MessengerError } from '../../errors.js'
import { chainTags } from '../../protocol/ratchet/kdf.js'
import type { TagRun } from '../../protocol/ratchet/expected-tags.js'
import { RECONCILE_PROTOCOL } from '../../protocol/sync/frames.js'
import type { Item } from '../../protocol/sync/item.js'
import type { Context } from '../context.js'
import { HELD_PROTOCOL, HeldNotices } from './held-notices.js'
import { Holders, type NewlyHeld } from './holders.js'
import type { Inbound } from '../receive/inbound.js'
import { Mailbox, type MailboxOptions } from './mailbox.js'
import { importParcels } from './import-parcels.js'
import type { ImportOptions, ImportReport, ParcelSource, SyncOptions, SyncReport } from '../messenger.js'
import { Outbox } from '../send/outbox.js'
import { Reconciler } from './reconciler.js'

/** How long tags that came to be waited for are gathered before they are looked up, ms. */
const LOOK_UP = 50

/** The mailbox, and the outbox whose envelopes are found through it. */
export function createMailbox(
  options: MailboxOptions,
  onHeld: (held: readonly NewlyHeld[]) => void
): { readonly mailbox: Mailbox; readonly holders: Holders; readonly outbox: Outbox } {
  const mailbox = new Mailbox(options)
  const holders = new Holders(onHeld)
  const outbox = new Outbox({
    sealed: (entry) => {
      const { contactId, number, item, tag, bytes } = entry
      if (item === undefined || tag === undefined || bytes === undefined) return
      mailbox.addOwn(item, tag, bytes, options.tables.outbox(contactId, number))
      holders.add(entry)
    },
    gone: (entry) => {
      holders.remove(entry)
      if (entry.item !== undefined) mailbox.dropOwn(entry.item)
    }
  })
  return { mailbox, holders, outbox }
}

/** What a node does for everybody: keeps envelopes, reconciles them with its peers, and says what it holds. */
export class Carrying {
  readonly #context: Context
  readonly #inbound: Inbound
  readonly #reconciler: Reconciler
  readonly #notices: HeldNotices
  /** By the tag key's own array. */
  readonly #expected = new Map<Uint8Array, TagRun>()
  #isOpen = false

  constructor(context: Context, inbound: Inbound) {
    this.#context = context
    this.#inbound = inbound
    this.#reconciler = new Reconciler(context, async (envelopes, from) => {
      const { fresh } = await inbound.admit(envelopes, from)
      return fresh
    })
    this.#notices = new HeldNotices(context)
  }

  /** The store has been read: from now on, tags that come to be waited for are new. */
  opened(): void {
    this.#isOpen = true
  }

  start(): void {
    this.#reconciler.start()
  }

  async stop(): Promise<void> {
    this.#notices.stop()
    await this.#reconciler.stop()
  }

  /** Do nothing for others, or again. */
  rest(isResting: boolean): void {
    this.#reconciler.rest(isResting)
  }

  joined(peer: PeerName): void {
    this.#reconciler.joined(peer)
  }

  onPeers(): void {
    this.#reconciler.onPeers()
    this.#notices.onPeers()
  }

  /** An envelope came by gossip, and is kept if anything is. */
  heard(item: Item, from: PeerName): void {
    this.#reconciler.heard(item.id)
    const { mailbox, budget } = this.#context
    if (mailbox.isCarrier && budget.allows('foreign', item.id.length)) this.#notices.note(from, item)
  }

  /** `undefined` if the request is of another protocol, or bad. */
  answer(protocol: string, request: Uint8Array, from: PeerName): Uint8Array | undefined {
    return protocol === HELD_PROTOCOL ? this.#notices.answer(request, from) : undefined
  }

  take(protocol: string, stream: PeerStream): void {
    if (protocol === RECONCILE_PROTOCOL) this.#reconciler.take(stream)
    else stream.abort()
  }

  /** Reconcile with everybody linked. */
  async sync({ signal, onProgress }: SyncOptions = {}): Promise<SyncReport> {
    const report = await this.#reconciler.syncAll(signal, (soFar) => {
      onProgress?.(soFar)
    })
    if (signal?.aborted === true) throw new MessengerError('ABORTED', 'Reconciling was aborted')
    this.#context.events.emit('sync:complete', report)
    return report
  }

  /** Take in what `source` holds, and tell peers of what is new. */
  async importParcels(source: ParcelSource, options: ImportOptions): Promise<ImportReport> {
    const inbound = this.#inbound
    const ways = {
      admit: async (envelopes: readonly Uint8Array[], from: PeerName) => await inbound.admit(envelopes, from),
      settled: async () => {
        await this.#settled()
      },
      get opened() {
        return inbound.opened
      }
    }
    const spread = (envelopes: readonly Uint8Array[]): void => {
      this.#reconciler.spread(envelopes)
    }
    const report = await importParcels(this.#context, ways, spread, source, options)
    if (report.taken > 0 && this.#context.state.started) this.#reconciler.openAll()
    return report
  }

  /** Resolves when everything that came was opened, and what could be opened only because of that. */
  async #settled(): Promise<void> {
    await this.#inbound.idle()
    while (this.#expected.size > 0 && !this.#context.state.closed) {
      await this.#lookUp()
      await this.#inbound.idle()
    }
  }

  /**
   * Tags are waited for that were not before: an envelope that came too early to be recognised may have one of them. Looked up a moment later, as
   * tags cost hashes and a burst moves the same runs many times.
   */
  expect(run: TagRun): void {
    const { clock, mailbox } = this.#context
    // What was read at the start had been waited for before.
    if (!this.#isOpen || mailbox.index.size === 0) return
    const known = this.#expected.get(run.tagKey)
    this.#expected.set(run.tagKey, known === undefined ? run : { ...known, to: run.to })
    if (this.#expected.size > 1 || known !== undefined) return
    clock.schedule(LOOK_UP, () => {
      this.#lookUp().catch((error: unknown) => {
        this.#context.onFailure('mailbox', error)
      })
    })
  }

  async #lookUp(): Promise<void> {
    const { state, mailbox } = this.#context
    const runs = [...this.#expected.values()]
    this.#expected.clear()
    if (state.closed) return
    for (const { tagKey, from, to } of runs) {
      for (const tag of chainTags(tagKey, from, to)) if (mailbox.hasTag(tag)) await this.#inbound.reopen(tag)
    }
  }
}

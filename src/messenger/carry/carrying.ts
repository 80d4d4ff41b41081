import type { PeerName, PeerStream } from '../../network/network.js'
import type { IdentityId } from '../../codec/ids.js'
import { MessengerError } from '../../errors.js'
import type { TagRun } from '../../protocol/ratchet/expected-tags.js'
import { RECONCILE_PROTOCOL } from '../../protocol/sync/frames.js'
import type { Item } from '../../protocol/sync/item.js'
import type { Context } from '../context.js'
import { AwaitedTags } from './awaited-tags.js'
import { HELD_PROTOCOL, HeldNotices } from './held-notices.js'
import { Holders, type NewlyHeld } from './holders.js'
import type { Inbound } from '../receive/inbound.js'
import { Mailbox, type MailboxOptions } from './mailbox.js'
import { importParcels } from './import-parcels.js'
import type { ImportOptions, ImportReport, ParcelSource, SyncOptions, SyncReport } from '../messenger.js'
import { Outbox } from '../send/outbox.js'
import { Reconciler } from './reconciler.js'

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
  readonly #awaited: AwaitedTags

  constructor(context: Context, inbound: Inbound) {
    this.#context = context
    this.#inbound = inbound
    this.#reconciler = new Reconciler(context, async (envelopes, from) => {
      const { fresh } = await inbound.admit(envelopes, from)
      return fresh
    })
    this.#notices = new HeldNotices(context)
    this.#awaited = new AwaitedTags(context, inbound)
  }

  /** The store has been read: from now on, tags that come to be waited for are new. */
  opened(): void {
    this.#awaited.opened()
  }

  /** Tags are waited for that were not before: some of what is kept may have one of them. */
  expect(run: TagRun): void {
    this.#awaited.add(run)
  }

  /** Some of what is kept may be taken now that could not be before: of this contact, or of anybody. Never rejects. */
  async lookThrough(contactId?: IdentityId): Promise<void> {
    try {
      await this.#awaited.lookThrough(contactId)
    } catch (error) {
      this.#context.onFailure('mailbox', error)
    }
  }

  start(): void {
    this.#reconciler.keepLooking()
  }

  async stop(): Promise<void> {
    this.#notices.stop()
    await this.#reconciler.stop()
  }

  /** The messenger is closed, and was stopped before. */
  close(): void {
    this.#awaited.close()
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
    if (signal?.aborted === true)
      throw new MessengerError('ABORTED', 'Reconciling was aborted', { cause: signal.reason })
    this.#context.events.emit('sync:complete', report)
    return report
  }

  /** Take in what `source` holds, and tell peers of what is new. */
  async importParcels(source: ParcelSource, options: ImportOptions): Promise<ImportReport> {
    const parts = {
      context: this.#context,
      inbound: this.#inbound,
      settled: () => this.#awaited.settled(),
      spread: (envelopes: readonly Uint8Array[]) => {
        this.#reconciler.spread(envelopes)
      }
    }
    const report = await importParcels(parts, source, options)
    if (report.taken > 0 && this.#context.state.started) this.#reconciler.openAll()
    return report
  }
}

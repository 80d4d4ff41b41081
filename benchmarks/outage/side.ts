import { MAX_SYNC_ASKED, MAX_SYNC_FRAME } from '../../src/protocol/limits.js'
import { ItemIndex } from '../../src/protocol/sync/item-index.js'
import { shortIdKey, type Item } from '../../src/protocol/sync/item.js'
import type { Offer } from '../../src/protocol/sync/reconcile.js'
import {
  acknowledge,
  askFor,
  awaitSync,
  finish,
  give,
  mayFinish,
  openSync,
  receiveFrame,
  type SyncSession
} from '../../src/protocol/sync/session.js'

/** An envelope that may be missed somewhere. */
export interface Missable {
  readonly item: Item
  readonly bytes: Uint8Array
}

/** One end of a session without network and store: what the messenger does with frames, and nothing else. */
export class Side {
  readonly index = new ItemIndex()
  readonly out: Uint8Array[] = []
  readonly #envelopes = new Map<string, Uint8Array>()
  readonly #wants: Offer[] = []
  readonly #itemOf: (envelope: Uint8Array) => Item
  #session: SyncSession = awaitSync()

  /** `common` are in the index by their ids alone: nobody asks for them. */
  constructor(common: readonly Item[], extra: readonly Missable[], itemOf: (envelope: Uint8Array) => Item) {
    this.#itemOf = itemOf
    for (const item of common) this.index.insert(item, 0)
    for (const { item, bytes } of extra) this.#put(item, bytes)
  }

  /** Wait for a session that the other side opens. */
  await(): void {
    this.#session = awaitSync()
  }

  open(): void {
    this.#say(openSync(this.index, true))
  }

  receive(frame: Uint8Array): void {
    const step = receiveFrame(this.#session, frame, {
      viewOf: () => this.index,
      carrier: true,
      maxBytes: MAX_SYNC_FRAME
    })
    if (step.kind === 'rejected') throw new Error(`A frame was rejected: ${step.reason}`)
    this.#session = step.session
    this.out.push(...step.frames)
    const { event } = step
    if (event.kind === 'compared') this.#wants.push(...event.wanted)
    if (event.kind === 'given') {
      for (const envelope of event.envelopes) this.#put(this.#itemOf(envelope), envelope)
      this.#say(acknowledge(this.#session, event.bytes))
    }
    this.#goOn()
  }

  #put(item: Item, bytes: Uint8Array): void {
    this.index.insert(item, 0)
    this.#envelopes.set(shortIdKey(item.id), bytes)
  }

  #goOn(): void {
    while (this.#session.owed.length > 0 && this.#giveSome());
    if (this.#session.asked.size === 0 && this.#wants.length > 0)
      this.#say(askFor(this.#session, this.#wants.splice(0, MAX_SYNC_ASKED / 2)))
    if (mayFinish(this.#session) && this.#wants.length === 0) this.#say(finish(this.#session))
  }

  /** One frame of what is owed; `false` if the credit is used up. */
  #giveSome(): boolean {
    const given: { readonly number: number; readonly envelope: Uint8Array }[] = []
    let bytes = 0
    for (const number of this.#session.owed) {
      const item = this.#session.named[number]
      const envelope = item === undefined ? undefined : this.#envelopes.get(shortIdKey(item.id))
      if (envelope === undefined) throw new Error('An envelope was asked for that is missing nowhere')
      const isFull = bytes + envelope.length > MAX_SYNC_FRAME - 16 * (given.length + 1)
      if (isFull || bytes + envelope.length > this.#session.credit) break
      bytes += envelope.length
      given.push({ number, envelope })
    }
    if (given.length === 0) return false
    this.#say(give(this.#session, given))
    return true
  }

  #say({ session, frame }: { readonly session: SyncSession; readonly frame: Uint8Array }): void {
    this.#session = session
    this.out.push(frame)
  }
}

import { Reader } from '../codec/reader.js'
import { Writer } from '../codec/writer.js'
import type { PeerName } from '../network/network.js'
import type { Context } from './context.js'
import { NOTICE_ID_BYTES } from './holders.js'

/** Protocol by which a node tells another what it holds of what came from it. */
export const HELD_PROTOCOL = '/hallig/held/1.0.0'

const VERSION = 1
/** How long a notice waits for more to tell, ms. */
const COLLECT = 250
/** Ids in one notice: 32 KiB. */
const MAX_IDS = 4_096

/**
 * Tells peers that what they handed over by gossip is stored here: whoever wrote it knows then that it is not on one device alone. Everything is
 * told of, whoever wrote it, so that a notice says nothing of authors; a lost one is made up for by reconciliation.
 */
export class HeldNotices {
  readonly #context: Context
  readonly #waiting = new Map<PeerName, Uint8Array[]>()
  /** Peers that do not take notices. */
  readonly #mute = new Set<PeerName>()
  #cancel: (() => void) | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** An envelope came from a peer and is kept. */
  note(peer: PeerName, id: Uint8Array): void {
    if (this.#mute.has(peer)) return
    const ids = this.#waiting.get(peer)
    if (ids === undefined) this.#waiting.set(peer, [id])
    else if (ids.length < MAX_IDS) ids.push(id)
    this.#cancel ??= this.#context.clock.schedule(COLLECT, () => {
      this.#cancel = undefined
      this.#send().catch((error: unknown) => {
        this.#context.onFailure('mailbox', error)
      })
    })
  }

  onPeers(): void {
    const { linked } = this.#context.state
    for (const known of [this.#mute, this.#waiting]) {
      for (const peer of known.keys()) if (!linked.has(peer)) known.delete(peer)
    }
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#waiting.clear()
    this.#mute.clear()
  }

  /** A notice of a peer about what came from us. */
  answer(notice: Uint8Array, from: PeerName): Uint8Array | undefined {
    const reader = new Reader(notice)
    if (reader.u8() !== VERSION || reader.remaining % NOTICE_ID_BYTES !== 0) return undefined
    if (reader.remaining > MAX_IDS * NOTICE_ID_BYTES) return undefined
    const ids: Uint8Array[] = []
    while (reader.remaining > 0) ids.push(reader.bytes(NOTICE_ID_BYTES))
    this.#context.holders.confirm(from, ids)
    return Uint8Array.of(VERSION)
  }

  /** Only of what is durable. */
  async #send(): Promise<void> {
    const notices = [...this.#waiting]
    this.#waiting.clear()
    await this.#context.mailbox.flush()
    const { state, budget } = this.#context
    const bytes = notices.reduce((sum, [, ids]) => sum + 1 + ids.length * NOTICE_ID_BYTES, 0)
    if (!state.started || !budget.allows('foreign', bytes)) return
    await Promise.all(
      notices.map(async ([peer, ids]) => {
        const writer = new Writer(1 + ids.length * NOTICE_ID_BYTES).u8(VERSION)
        for (const id of ids) writer.bytes(id.subarray(0, NOTICE_ID_BYTES))
        try {
          await this.#context.network.request(peer, HELD_PROTOCOL, writer.finish())
        } catch {
          // An older node, or one that has just gone: it is told no more until it comes anew.
          if (this.#context.state.linked.has(peer)) this.#mute.add(peer)
        }
      })
    )
  }
}

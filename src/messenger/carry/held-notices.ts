import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import type { PeerName } from '../../network/network.js'
import type { Item } from '../../protocol/sync/item.js'
import type { Context } from '../context.js'
import { NOTICE_ID_BYTES } from './holders.js'

/** Protocol by which a node tells another what it holds of what came from it. */
export const HELD_PROTOCOL = '/hallig/held/1.0.0'

const VERSION = 1
/** How long a notice waits for more to tell, ms. */
const COLLECT = 250
/** Ids in one notice: 32 KiB. */
const MAX_IDS = 4_096
/** How long a peer that took no notice is left alone, ms: it is busy, on a slow link, or does not know them. */
const QUIET = 30_000
/** Ids kept for it meanwhile: of more than that only reconciliation tells. */
const MAX_KEPT = 256

/**
 * Tells peers that what they handed over by gossip is stored here: whoever wrote it knows then that it is not on one device alone. Everything is
 * told of, whoever wrote it, so that a notice says nothing of authors; a lost one is made up for by reconciliation.
 */
export class HeldNotices {
  readonly #context: Context
  readonly #waiting = new Map<PeerName, Item[]>()
  /** Peers left alone, and what ends that before its time. */
  readonly #quiet = new Map<PeerName, () => void>()
  #cancel: (() => void) | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** An envelope came from a peer and is kept. Once stopped, nobody is there to be told. */
  note(peer: PeerName, item: Item): void {
    if (!this.#context.state.started) return
    const items = this.#waiting.get(peer)
    if (items === undefined) this.#waiting.set(peer, [item])
    else if (items.length < (this.#quiet.has(peer) ? MAX_KEPT : MAX_IDS)) items.push(item)
    this.#sendSoon()
  }

  #sendSoon(): void {
    this.#cancel ??= this.#context.clock.schedule(COLLECT, () => {
      this.#cancel = undefined
      this.#send().catch((error: unknown) => {
        this.#context.onFailure('mailbox', error)
      })
    })
  }

  onPeers(): void {
    const { linked } = this.#context.state
    for (const peer of this.#waiting.keys()) if (!linked.has(peer)) this.#waiting.delete(peer)
    for (const peer of this.#quiet.keys()) if (!linked.has(peer)) this.#endQuiet(peer)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#waiting.clear()
    for (const peer of this.#quiet.keys()) this.#endQuiet(peer)
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

  /** Only of what is durable: what did not fit, or could not be written meanwhile, is not here any more. */
  async #send(): Promise<void> {
    const notices = [...this.#waiting].filter(([peer]) => !this.#quiet.has(peer))
    if (notices.length === 0) return
    for (const [peer] of notices) this.#waiting.delete(peer)
    const { mailbox, state, budget } = this.#context
    await mailbox.flush()
    const bytes = notices.reduce((sum, [, items]) => sum + 1 + items.length * NOTICE_ID_BYTES, 0)
    if (!state.started || !budget.allows('foreign', bytes)) return
    await Promise.all(
      notices.map(async ([peer, items]) => {
        const held = items.filter((item) => mailbox.bytesOf(item) > 0)
        if (held.length === 0) return
        const writer = new Writer(1 + held.length * NOTICE_ID_BYTES).u8(VERSION)
        for (const { id } of held) writer.bytes(id.subarray(0, NOTICE_ID_BYTES))
        try {
          await this.#context.network.request(peer, HELD_PROTOCOL, writer.finish())
        } catch {
          if (state.started && state.linked.has(peer)) this.#leaveAlone(peer, held)
        }
      })
    )
  }

  /** A notice did not reach its peer: what it said is said again later, with what comes meanwhile. */
  #leaveAlone(peer: PeerName, items: readonly Item[]): void {
    this.#waiting.set(peer, [...items, ...(this.#waiting.get(peer) ?? [])].slice(-MAX_KEPT))
    this.#endQuiet(peer)
    const end = this.#context.clock.schedule(QUIET, () => {
      this.#quiet.delete(peer)
      this.#sendSoon()
    })
    this.#quiet.set(peer, end)
  }

  #endQuiet(peer: PeerName): void {
    this.#quiet.get(peer)?.()
    this.#quiet.delete(peer)
  }
}

import type { IdentityId } from '../codec/ids.js'
import { expiryDay } from '../protocol/envelope/envelope.js'
import { DAY_MS, DEFAULT_LIFETIME_DAYS } from '../protocol/limits.js'
import type { Context } from './context.js'
import { withConversation } from './peer-state.js'
import { sealPayload } from './seal.js'

/** How long a receipt waits for more to acknowledge, ms: short against a person's patience, long against a burst. */
const COLLECT = 25
/** Messages after which a receipt waits no longer: a quarter of what a sender may have under way. */
const URGENT = 250

/** Who is owed a receipt, and when it is made. */
export class Receipts {
  readonly #context: Context
  readonly #owed = new Map<IdentityId, number>()
  #cancel: (() => void) | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** Something of this contact was stored or came again. */
  owe(contactId: IdentityId): void {
    const count = (this.#owed.get(contactId) ?? 0) + 1
    this.#owed.set(contactId, count)
    if (count === URGENT) this.#send()
    else this.#cancel ??= this.#context.clock.schedule(COLLECT, () => this.#send())
  }

  /** Owe again what the store says is due: after a start, or when somebody is there to hear it. */
  restore(): void {
    for (const [id, { conversation }] of this.#context.queue.states) if (conversation.receiptDue) this.owe(id)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #send(): void {
    this.stop()
    const owed = [...this.#owed.keys()]
    this.#owed.clear()
    // With nobody there a receipt would only use up a key; it stays due in the store.
    if (!this.#context.state.started || !this.#hasListeners()) return
    for (const id of owed) {
      sendReceipt(this.#context, id).catch((error: unknown) => {
        this.#context.onFailure('receipt', error)
      })
    }
  }

  #hasListeners(): boolean {
    return this.#context.network.peers().some(({ topics }) => topics.includes(this.#context.topic))
  }
}

/** Seal and publish a message without content: it carries all receipts, and needs none itself. */
async function sendReceipt(context: Context, contactId: IdentityId): Promise<void> {
  await context.queue.run(contactId, async (unit) => {
    const { state } = unit
    if (state === undefined || state.contact.blocked || state.contact.change !== undefined) return
    const expiry = expiryDay(context.clock.now(), DEFAULT_LIFETIME_DAYS * DAY_MS)
    const envelope = await sealPayload(context, unit, undefined, expiry)
    if (envelope === undefined || unit.state === undefined) return
    unit.state = withConversation(unit.state, { receiptDue: false })
    unit.after(() => {
      context.publishOnce(envelope)
    })
  })
}

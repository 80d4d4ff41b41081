import type { Content, MessageRecord } from '../../storage/records/message-record.js'

/** Bytes of messages kept; of those beyond, the record is read back from the store when its status changes. */
const MAX_BYTES = 8 * 1024 * 1024
/** What a record takes besides its content, bytes. */
const RECORD_BYTES = 256

/**
 * Own messages on their way, by position: each changes its status at least twice, mostly within moments, and each time the app is told of
 * the whole message.
 */
export class RecentMessages {
  readonly #records = new Map<string, MessageRecord>()
  #bytes = 0

  get(position: string): MessageRecord | undefined {
    return this.#records.get(position)
  }

  /** Keep a message that was stored, if there is room. */
  add(position: string, record: MessageRecord): void {
    const size = sizeOf(record.content)
    if (this.#bytes + size > MAX_BYTES || this.#records.has(position)) return
    this.#bytes += size
    this.#records.set(position, record)
  }

  remove(position: string): void {
    const record = this.#records.get(position)
    if (record === undefined) return
    this.#bytes -= sizeOf(record.content)
    this.#records.delete(position)
  }
}

function sizeOf(content: Content): number {
  return RECORD_BYTES + (content.kind === 'text' ? 2 * content.text.length : content.bytes.length)
}

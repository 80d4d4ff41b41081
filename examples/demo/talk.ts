import type { MessageStatus } from 'hallig'
import type { Report } from './reports.js'

/** What one person knows of the messages to and from another; those of one author are counted from 1. Times in ms. */
export class Talk {
  readonly texts = new Map<number, string>()
  readonly writtenAt = new Map<number, number>()
  /** When each own message was known to be delivered. */
  readonly deliveredAt = new Map<number, number>()
  readonly statuses = new Map<number, MessageStatus>()
  /** How many other nodes have said that they hold an own message, at the most. */
  readonly carriers = new Map<number, number>()
  /** Numbers of the received messages, one for each time that one was announced. */
  readonly announced: number[] = []
  /** When each message was first announced. */
  readonly receivedAt = new Map<number, number>()
  /** Messages that were in the store at the last start, and have been written or have come since. */
  written = 0
  received = 0

  /** Another process begins, which counts anew. */
  forget(): void {
    this.received = 0
  }

  /** What that process found in its store before it listened; something may have come since. */
  restore(written: number, received: number): void {
    this.written = written
    this.received += received
  }

  /** Whether this many own messages, all there are, are known to have been read. */
  isReadUpTo(count: number): boolean {
    const numbers = Array.from({ length: count }, (_, index) => index + 1)
    return numbers.every((number) => this.statuses.get(number) === 'read')
  }

  note(report: Extract<Report, { readonly contact: unknown }>): void {
    const { number, at } = report
    if (report.kind === 'wrote') {
      this.writtenAt.set(number, at)
      this.written = number
    } else if (report.kind === 'received') {
      this.announced.push(number)
      if (!this.receivedAt.has(number)) this.receivedAt.set(number, at)
      this.received += 1
    } else {
      const { status, carriers } = report
      const isDelivered = status === 'delivered' || status === 'read'
      if (isDelivered && !this.deliveredAt.has(number)) this.deliveredAt.set(number, at)
      this.statuses.set(number, status)
      this.carriers.set(number, Math.max(carriers, this.carriers.get(number) ?? 0))
    }
  }
}

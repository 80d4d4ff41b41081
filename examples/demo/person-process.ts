import { join } from 'node:path'
import type { MessageStatus } from 'hallig'
import { Child } from './child.js'
import type { Link, Order, Report } from './reports.js'

type Opened = Extract<Report, { kind: 'opened' }>
type Links = Extract<Report, { kind: 'links' }>

/** Where and how a person takes part. */
export interface Place {
  readonly directory: string
  readonly network: string
  readonly lan: boolean
}

/** A person as the demonstration sees one: the reports of a process, and of the one after it. */
export class PersonProcess {
  readonly name: string
  readonly fullName: string
  /** The directory of the store. */
  readonly path: string
  /** When each message was written, ms, by its number. */
  readonly writtenAt = new Map<number, number>()
  /** When each message was known to be delivered, ms, by its number. */
  readonly deliveredAt = new Map<number, number>()
  /** How far each message has come, by its number. */
  readonly statuses = new Map<number, MessageStatus>()
  /** Numbers of the received messages, one for each time that one was announced. */
  readonly announced: number[] = []
  /** When each message was first announced, ms, by its number. */
  readonly receivedAt = new Map<number, number>()
  /** Messages that were in the store, as of the last start, and have come since. */
  received = 0
  id = ''
  peer = ''
  addresses: readonly string[] = []
  links: readonly Link[] = []
  lan: Links['lan'] = null
  readonly #place: Place
  #child: Child<Order, Report> | undefined

  constructor(name: string, fullName: string, place: Place) {
    this.name = name
    this.fullName = fullName
    this.path = join(place.directory, name.toLowerCase())
    this.#place = place
  }

  get process(): Child<Order, Report> {
    if (this.#child === undefined) throw new Error(`${this.name} has not been started`)
    return this.#child
  }

  /** Start a process, which opens the store; for the first time or again. */
  async start(bootstrap: readonly string[] = []): Promise<Opened> {
    const { network, lan } = this.#place
    this.links = []
    this.received = 0
    this.#child = new Child<Order, Report>(this.name, 'person.js', {
      onReport: (report) => {
        this.#note(report)
      }
    })
    this.#child.tell({ kind: 'open', path: this.path, name: this.fullName, network, lan, bootstrap })
    const opened = await this.#child.next('opened', 'open the store and start')
    this.id = opened.id
    this.peer = opened.peer
    this.addresses = opened.addresses
    return opened
  }

  linkTo(other: PersonProcess): Link | undefined {
    return this.links.find(({ peer }) => peer === other.peer)
  }

  /** Learn anew whom this person is linked to, and how discovery fares. */
  async lookAround(): Promise<void> {
    const before = this.links
    this.process.tell({ kind: 'tell-links' })
    await this.process.until('tell its links', () => this.links !== before)
  }

  async card(size: 'short' | 'full', addresses: boolean): Promise<string> {
    this.process.tell({ kind: 'make-card', size, addresses })
    return (await this.process.next('card', 'make a card')).card
  }

  async safetyNumber(): Promise<string> {
    this.process.tell({ kind: 'tell-safety-number' })
    return (await this.process.next('safety-number', 'compute the safety number')).digits
  }

  /** Write until so many messages are written, `pace` ms apart; resolves when the last one is durable. */
  async write(until: number, pace: number): Promise<void> {
    this.process.tell({ kind: 'write', until, pace })
    await this.process.next('finished-writing', `write ${until} messages`)
  }

  /** Wait until nothing is left to be delivered. */
  async settle(): Promise<void> {
    this.process.tell({ kind: 'settle' })
    await this.process.next('settled', 'get everything delivered')
  }

  markRead(): void {
    this.process.tell({ kind: 'mark-read' })
  }

  /** Close the messenger; resolves when the process has come to its own end. */
  async close(): Promise<void> {
    this.process.tell({ kind: 'close' })
    await this.process.next('closed', 'close')
    await this.process.endOfItself()
  }

  #note(report: Report): void {
    if (report.kind === 'opened') this.received += report.received
    else if (report.kind === 'wrote') this.writtenAt.set(report.number, report.at)
    else if (report.kind === 'links') [this.links, this.lan] = [report.links, report.lan]
    else if (report.kind === 'received') {
      this.announced.push(report.number)
      if (!this.receivedAt.has(report.number)) this.receivedAt.set(report.number, report.at)
      this.received += 1
    } else if (report.kind === 'status') {
      const isDelivered = report.status === 'delivered' || report.status === 'read'
      if (isDelivered && !this.deliveredAt.has(report.number)) this.deliveredAt.set(report.number, report.at)
      this.statuses.set(report.number, report.status)
    }
  }
}

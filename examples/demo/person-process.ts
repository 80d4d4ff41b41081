import { join } from 'node:path'
import type { IdentityId } from 'hallig'
import { Child } from './child.js'
import type { Islander, Islands } from './islands.js'
import type { Order, Report } from './reports.js'
import { Talk } from './talk.js'
import { numberIn } from './texts.js'

type Opened = Extract<Report, { kind: 'opened' }>
type Exported = Extract<Report, { kind: 'exported' }>
type Imported = Extract<Report, { kind: 'imported' }>

/** A person as the demonstration sees one: the reports of a process, and of the one after it. */
export class PersonProcess implements Islander {
  readonly name: string
  readonly fullName: string
  /** The directory of the store. */
  readonly path: string
  peer = ''
  addresses: readonly string[] = []
  readonly #islands: Pick<Islands, 'placeOf'>
  readonly #talks = new Map<IdentityId, Talk>()
  #linked: readonly string[] = []
  #id: IdentityId | undefined
  #child: Child<Order, Report> | undefined

  constructor(name: string, fullName: string, directory: string, islands: Pick<Islands, 'placeOf'>) {
    this.name = name
    this.fullName = fullName
    this.path = join(directory, name.toLowerCase())
    this.#islands = islands
  }

  get id(): IdentityId {
    if (this.#id === undefined) throw new Error(`${this.name} has not been started`)
    return this.#id
  }

  get process(): Child<Order, Report> {
    if (this.#child === undefined) throw new Error(`${this.name} has not been started`)
    return this.#child
  }

  get isUp(): boolean {
    return this.#child?.hasEnded === false
  }

  /** Start a process, which opens the store; for the first time or again. */
  async start(): Promise<Opened> {
    const { prefix, settings } = this.#islands.placeOf(this.name)
    this.#linked = []
    for (const talk of this.#talks.values()) talk.forget()
    this.#child = new Child<Order, Report>(this.name, 'person.js', {
      prefix,
      onReport: (report) => {
        this.#note(report)
      }
    })
    this.#child.tell({ kind: 'open', path: this.path, name: this.fullName, settings })
    return await this.#child.next('opened', 'open the store and start')
  }

  /** What this person knows of the messages to and from another. */
  with({ id }: Pick<PersonProcess, 'id'>): Talk {
    const known = this.#talks.get(id)
    if (known !== undefined) return known
    const talk = new Talk()
    this.#talks.set(id, talk)
    return talk
  }

  /** Whether this person's process says that it is linked to another's; the dead say nothing. */
  isLinkedTo(other: PersonProcess): boolean {
    return this.isUp && this.#linked.includes(other.peer)
  }

  dial(address: string): void {
    this.process.tell({ kind: 'dial', address })
  }

  async card(size: 'short' | 'full', addresses: boolean): Promise<string> {
    this.process.tell({ kind: 'make-card', size, addresses })
    return (await this.process.next('card', 'make a card')).card
  }

  /** Resolves with the name on the card. */
  async addCard(card: string): Promise<string> {
    this.process.tell({ kind: 'add-card', card })
    return (await this.process.next('added', 'add the card')).name
  }

  async safetyNumberWith({ id }: PersonProcess): Promise<string> {
    this.process.tell({ kind: 'tell-safety-number', contact: id })
    return (await this.process.next('safety-number', 'compute the safety number')).digits
  }

  /** Write messages, `pace` ms apart; resolves when the last one is durable. */
  async write(to: PersonProcess, texts: readonly string[], pace = 0): Promise<void> {
    const talk = this.with(to)
    for (const text of texts) talk.texts.set(numberIn(text), text)
    this.process.tell({ kind: 'write', to: to.id, texts, pace })
    await this.process.next('finished-writing', `write ${texts.length} messages`)
  }

  markRead(): void {
    this.process.tell({ kind: 'mark-read' })
  }

  /** Ask everybody linked for what they carry, then write all that is carried here to a file. */
  async export(file: string): Promise<Exported> {
    this.process.tell({ kind: 'export', file })
    return await this.process.next('exported', 'write what it carries to a file')
  }

  async import(file: string): Promise<Imported> {
    this.process.tell({ kind: 'import', file })
    return await this.process.next('imported', 'read the file')
  }

  /** Close the messenger; resolves when the process has come to its own end. */
  async close(): Promise<void> {
    this.process.tell({ kind: 'close' })
    await this.process.next('closed', 'close')
    await this.process.endOfItself()
  }

  #note(report: Report): void {
    if (report.kind === 'opened') {
      this.#id = report.id
      this.peer = report.peer
      this.addresses = report.addresses
      for (const { contact, written, received } of report.talks)
        this.with({ id: contact }).restore(written, received)
    } else if (report.kind === 'links') this.#linked = report.peers
    else if ('contact' in report) this.with({ id: report.contact }).note(report)
  }
}

/** Whether two are linked, by what either says. */
export function areLinked(one: PersonProcess, other: PersonProcess): boolean {
  return one.isLinkedTo(other) || other.isLinkedTo(one)
}

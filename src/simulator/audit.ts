import { encodeHex } from '../codec/hex.js'
import type { Message } from '../messenger/messenger.js'
import type { PeerName } from '../network/network.js'
import { dayOf } from '../protocol/envelope/envelope.js'
import { envelopeId } from '../protocol/sync/item.js'
import type { Checker } from './checker.js'
import { Holdings } from './holdings.js'
import type { CommittedMailbox } from './mailbox-reading.js'
import { PERSON_KEY, textOf, type Person } from './person.js'
import type { WorldEvent } from './surroundings.js'

/** Days before its last on which clocks that are wrong may disagree whether an envelope has expired. */
const DISPUTED_DAYS = 2
const NOTHING_HELD: CommittedMailbox = { held: new Map(), given: new Set(), arrived: new Set() }

/** Looks on everybody's disks whether what messengers say of mailboxes is so. */
export class Audit {
  readonly #people: readonly Person[]
  readonly #checker: Checker
  readonly #holdings = new WeakMap<Person['store'], Promise<Holdings | undefined>>()
  /** Messages that were called sent before. */
  readonly #sent = new Set<string>()
  /** Who published an envelope first, by its id. */
  readonly #authors = new Map<string, PeerName>()

  constructor(people: readonly Person[], checker: Checker) {
    this.#people = people
    this.#checker = checker
  }

  /** An observer of a world. */
  readonly observe = (by: PeerName, event: WorldEvent): void => {
    if (event.kind === 'publish') {
      const id = encodeHex(envelopeId(event.envelope))
      if (!this.#authors.has(id)) this.#authors.set(id, by)
    }
    if (event.kind !== 'update' || !event.message.own || event.message.status !== 'sent') return
    const key = `${by} ${event.message.id}`
    // Only the first time: a contact that lost its state is sent another envelope, and the status does not fall.
    if (this.#sent.has(key)) return
    this.#sent.add(key)
    this.#attend(this.#checkSent(by, event.message))
  }

  /** What is called sent lies on another's disk, has made room there, or has arrived. */
  async #checkSent(by: PeerName, message: Message): Promise<void> {
    const letter = this.#checker.letters.get(textOf(message))
    const [sender, recipient] = [by, letter?.to].map((name) => this.#people.find((one) => one.name === name))
    if (letter === undefined || sender === undefined || recipient === undefined) return
    const item = await (await this.#of(sender))?.waitingFor(recipient.id, message.position)
    // Acknowledged since.
    if (item === undefined) return
    const others = this.#people.filter((person) => person !== sender)
    for (const person of others) if ((await (await this.#of(person))?.holds(item)) === true) return
    // Held when it was said so, and given up for want of room before its sender heard of it.
    for (const person of others) if ((await this.#mailboxOf(person)).given.has(encodeHex(item.id))) return
    if (letter.isReceived) return
    if ((await (await this.#of(recipient))?.shows(sender.id, message.id)) === true) return
    this.#checker.fail('sent-is-held', `nobody else holds '${letter.text}' of ${by}, which is called sent`)
  }

  /** Nobody keeps more for others than it was given room for. */
  checkLimits(quotaOf: (person: Person) => number): void {
    const check = async (person: Person): Promise<void> => {
      let bytes = 0
      for (const envelope of (await this.#mailboxOf(person)).held.values())
        if (!envelope.isOwn) bytes += envelope.bytes
      if (bytes > quotaOf(person))
        this.#checker.fail('mailbox-within-limits', `${person.name} keeps ${String(bytes)} bytes for others`)
    }
    for (const person of this.#people) this.#attend(check(person))
  }

  /** What mailboxes of people who are together do not agree on: everybody is to hold what anybody holds, but for what has arrived or made room. */
  async disagreements(now: number): Promise<string[]> {
    const found: string[] = []
    const mailboxes = new Map<PeerName, CommittedMailbox>()
    for (const person of this.#people)
      if (person.running) mailboxes.set(person.name, await this.#mailboxOf(person))
    for (const [name, { held }] of mailboxes) {
      for (const [id, { day, tag }] of held) {
        if (day < dayOf(now) + DISPUTED_DAYS) continue
        for (const [other, theirs] of mailboxes) {
          const complaint = this.#complaint(id, tag, other, theirs)
          if (complaint !== undefined)
            found.push(`${name} holds ${id.slice(0, 16)}, and ${other} ${complaint}`)
        }
      }
    }
    return found
  }

  #complaint(id: string, tag: string, name: PeerName, mailbox: CommittedMailbox): string | undefined {
    if (mailbox.arrived.has(tag)) return 'knows that it has arrived'
    const isKnown = mailbox.held.has(id) || mailbox.given.has(id) || this.#authors.get(id) === name
    return isKnown ? undefined : 'does not'
  }

  async #mailboxOf(person: Person): Promise<CommittedMailbox> {
    return (await (await this.#of(person))?.mailbox()) ?? NOTHING_HELD
  }

  /** `undefined` as long as nothing is on the disk: a messenger may end before its first commit is synced. */
  async #of({ store }: Person): Promise<Holdings | undefined> {
    const opening = this.#holdings.get(store) ?? Holdings.open(store, { kind: 'key', key: PERSON_KEY })
    this.#holdings.set(store, opening)
    const holdings = await opening
    if (holdings === undefined) this.#holdings.delete(store)
    return holdings
  }

  #attend(check: Promise<void>): void {
    check.catch((error: unknown) => {
      this.#checker.fail('errors-are-known', `An audit failed: ${String(error)}`)
    })
  }
}

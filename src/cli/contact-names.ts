import type { Contact, Messenger } from '../index.js'
import { contactName, shortId } from './contact-argument.js'

/** The names of contacts, kept at hand for events, which only carry ids. */
export class ContactNames {
  readonly #messenger: Pick<Messenger, 'contacts'>
  readonly #contacts = new Map<string, Contact>()
  readonly #reachable = new Map<string, boolean>()

  constructor(messenger: Pick<Messenger, 'contacts'>) {
    this.#messenger = messenger
  }

  /** Learn everybody known so far. */
  async load(): Promise<void> {
    for (const contact of await this.#messenger.contacts.list()) {
      this.learn(contact)
      this.#reachable.set(contact.id, contact.reachable)
    }
  }

  learn(contact: Contact): void {
    this.#contacts.set(contact.id, contact)
  }

  /** Safe to print; the start of the id for somebody unknown. */
  nameOf(id: Contact['id']): string {
    const contact = this.#contacts.get(id)
    return contact === undefined ? shortId(id) : contactName(contact)
  }

  /** The name as given, for JSON. */
  rawNameOf(id: Contact['id']): string {
    return this.#contacts.get(id)?.name ?? ''
  }

  /** Whether a contact came into or went out of reach since the last call about it. */
  reachabilityChanged({ id, reachable }: Contact): boolean {
    const before = this.#reachable.get(id) ?? false
    this.#reachable.set(id, reachable)
    return before !== reachable
  }
}

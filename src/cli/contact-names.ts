import { isMessengerError, type Contact, type Messenger } from '../library.js'
import { contactName, isNamedAlike, shortId } from './contact-argument.js'

/** What is new about a contact. */
export interface ContactNews {
  readonly added: boolean
  /** Its name until now, if it changed. */
  readonly formerName?: string
  readonly reachChanged: boolean
}

/** The names of contacts, kept at hand for events, which only carry ids. */
export class ContactNames {
  readonly #messenger: Pick<Messenger, 'contacts'>
  readonly #contacts = new Map<string, Contact>()

  constructor(messenger: Pick<Messenger, 'contacts'>) {
    this.#messenger = messenger
  }

  /** Learn everybody known so far. */
  async load(): Promise<void> {
    for (const contact of await this.#messenger.contacts.list()) this.learn(contact)
  }

  /** Learn a contact as it is now, and say what that changed. */
  learn(contact: Contact): ContactNews {
    const former = this.#contacts.get(contact.id)
    this.#contacts.set(contact.id, contact)
    const renamed = former !== undefined && former.name !== contact.name
    return {
      added: former === undefined,
      reachChanged: (former?.reachable ?? false) !== contact.reachable,
      ...(renamed ? { formerName: contactName(former) } : {})
    }
  }

  /** Learn a contact that wrote before any event told of it. */
  async meet(id: Contact['id']): Promise<void> {
    if (this.#contacts.has(id)) return
    try {
      this.learn(await this.#messenger.contacts.get(id))
    } catch (error) {
      // Removed in the meantime: then the id has to do.
      if (!isMessengerError(error, 'UNKNOWN_CONTACT')) throw error
    }
  }

  /** Safe to print; the start of the id for somebody unknown, and behind a name that another contact goes by, too. */
  nameOf(id: Contact['id']): string {
    const contact = this.#contacts.get(id)
    if (contact === undefined) return shortId(id)
    const name = contactName(contact)
    const others = [...this.#contacts.values()].filter((other) => other.id !== id)
    return others.some((other) => isNamedAlike(other, contact)) ? `${name} (${shortId(id)})` : name
  }

  /** The name as given, for JSON. */
  rawNameOf(id: Contact['id']): string {
    return this.#contacts.get(id)?.name ?? ''
  }
}

import type { Contact, Messenger } from '../../src/index.js'

export async function findContact(messenger: Messenger, name: string): Promise<Contact | undefined> {
  return (await messenger.contacts.list()).find((contact) => contact.name === name)
}

/** The contact of this name; rejects if the messenger has none. */
export async function contactOf(messenger: Messenger, name = ''): Promise<Contact> {
  const contact = await findContact(messenger, name)
  if (contact === undefined) throw new Error(`${messenger.identity.name} does not know ${name}`)
  return contact
}

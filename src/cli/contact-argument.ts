import { MessengerError, type Contact, type Messenger } from '../library.js'
import { CommandError } from './command-error.js'
import { sanitiseLine } from './sanitise.js'

/** What help says of an argument that `findContact` takes. */
export const CONTACT_ARGUMENT = 'a name, or the start of a name or an id'

/** Characters of an id that people are shown; enough to tell contacts apart, and accepted back as a prefix. */
const SHOWN_ID = 8

/** The contact that a person meant by a name, or by an id or the start of one. */
export async function findContact(messenger: Messenger, wanted: string): Promise<Contact> {
  return pickContact(await messenger.contacts.list(), wanted)
}

/**
 * As `findContact`, from a list. An exact id or name wins over the start of one; throws `UNKNOWN_CONTACT`, or
 * `CONTACT_AMBIGUOUS` with the candidates.
 */
export function pickContact(contacts: readonly Contact[], wanted: string): Contact {
  const key = fold(wanted)
  // Nobody gets what is meant for somebody else by calling themselves what we show of that person's id.
  const tests: readonly ((contact: Contact) => boolean)[] = [
    (contact) => contact.id === key,
    (contact) =>
      isShownStart(contact.id, key) || sanitiseLine(contact.name).normalize() === wanted.normalize(),
    (contact) => fold(contact.name) === key,
    (contact) => contact.id.startsWith(key) || fold(contact.name).startsWith(key)
  ]
  for (const test of key === '' ? [] : tests) {
    const matches = contacts.filter(test)
    const [first] = matches
    if (matches.length > 1) throw ambiguous(wanted, matches)
    if (first !== undefined) return first
  }
  const hint = contacts.length === 0 ? 'nobody has been added yet' : 'see `hallig contacts`'
  throw new MessengerError('UNKNOWN_CONTACT', `No contact matches '${wanted}'; ${hint}`)
}

/** The start of an id, as shown to people. */
export function shortId(id: string): string {
  return id.slice(0, SHOWN_ID)
}

/** A contact's name, safe to print on one line. */
export function contactName(contact: Pick<Contact, 'id' | 'name'>): string {
  const name = sanitiseLine(contact.name)
  return VISIBLE.test(name) ? name : shortId(contact.id)
}

/** Whether `key` is what we show of an id, or more of it. */
function isShownStart(id: string, key: string): boolean {
  return key.length >= SHOWN_ID && id.startsWith(key)
}

/** Whether two names look the same to somebody who does not look closely. */
export function isNamedAlike(
  one: Pick<Contact, 'id' | 'name'>,
  other: Pick<Contact, 'id' | 'name'>
): boolean {
  return fold(contactName(one)) === fold(contactName(other))
}

function ambiguous(wanted: string, matches: readonly Contact[]): CommandError {
  // Where the start of an id is what is taken twice, only the whole of it says who is meant.
  const whole = matches.some(({ id }) => isShownStart(id, fold(wanted)))
  const candidates = matches
    .map((contact) => `${contactName(contact)} (${whole ? contact.id : shortId(contact.id)})`)
    .join(', ')
  return new CommandError(
    'CONTACT_AMBIGUOUS',
    `'${wanted}' could be ${candidates}; say more of the name, or the id in brackets`
  )
}

function fold(text: string): string {
  return sanitiseLine(text).replace(INVISIBLE, '').normalize().toLowerCase()
}

/** What takes no ink: joiners, soft hyphens, fillers. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/gu
/** Something to see. */
const VISIBLE = /[^\p{Default_Ignorable_Code_Point}\p{M}\p{Z}\p{C}\u2800]/u

import type { Command } from 'commander'
import type { Contact, Messenger } from '../../library.js'
import { callOf } from '../call.js'
import { contactName, shortId } from '../contact-argument.js'
import type { Surroundings } from '../surroundings.js'
import type { Paint } from '../terminal/paint.js'
import { cells, padEnd } from '../terminal/width.js'
import { agoText } from '../time-text.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig contacts`: who can be written to. */
export function registerContacts(program: Command, surroundings: Surroundings): void {
  program
    .command('contacts')
    .description('list your contacts')
    .action(async (_flags: object, command: Command) => {
      const call = callOf(command, surroundings)
      await withMessenger(call, 'offline', async (messenger) => {
        const contacts = await messenger.contacts.list()
        const unread = await unreadCounts(messenger)
        call.output.tell(
          contactLines(contacts, unread, call.output.paint, surroundings.now()),
          contacts.map((contact) => ({ ...contact, unread: unread.get(contact.id) ?? 0 })),
          CONTACT_MARGIN
        )
      })
    })
}

/** Columns in which names are aligned: longer ones are shown whole, and what follows moves. */
const MAX_ALIGNED_NAME = 20
/** Before what does not fit into the line of a contact. */
const CONTACT_MARGIN = '    '

/** The contacts as aligned lines. */
export function contactLines(
  contacts: readonly Contact[],
  unread: ReadonlyMap<string, number>,
  paint: Paint,
  now: number
): string[] {
  if (contacts.length === 0) return ['No contacts yet. Add somebody from their card: `hallig add <card>`.']
  const names = contacts.map(contactName)
  const width = Math.min(Math.max(...names.map(cells)), MAX_ALIGNED_NAME)
  return contacts.map((contact, index) => {
    const name = paint.strong(padEnd(names[index] ?? '', width))
    const facts = contactFacts(contact, unread.get(contact.id) ?? 0, paint, now)
    return `${name}  ${paint.faint(shortId(contact.id))}  ${facts.join(', ')}`
  })
}

function contactFacts(contact: Contact, unread: number, paint: Paint, now: number): string[] {
  const facts = [contact.verified ? paint.good('verified') : 'not verified']
  if (contact.blocked) facts.push(paint.warning('blocked'))
  if (contact.change !== undefined) facts.push(paint.warning('keys changed: see `hallig accept --help`'))
  if (contact.reachable) facts.push(paint.good('reachable'))
  facts.push(contact.heardAt === undefined ? 'never heard' : `heard ${agoText(contact.heardAt, now)}`)
  if (unread > 0) facts.push(paint.strong(`${String(unread)} unread`))
  return facts
}

/** Unread messages by contact id. */
export async function unreadCounts(messenger: Messenger): Promise<Map<string, number>> {
  const conversations = await messenger.conversations.list()
  return new Map(conversations.map(({ contactId, unread }) => [contactId, unread]))
}

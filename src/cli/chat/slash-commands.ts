import type { Contact, Messenger, Priority } from '../../library.js'
import { contactLines, unreadCounts } from '../commands/contacts.js'
import { statusLines } from '../commands/status.js'
import { contactName, findContact, shortId } from '../contact-argument.js'
import { qrColumns, qrLines, qrModules } from '../qr.js'
import { safetyNumberLines } from '../safety-number.js'
import { PLAIN, type Paint } from '../terminal/paint.js'
import type { Size } from '../terminal/screen.js'
import type { Entry } from './chat-state.js'

/** Where a line was typed. */
export interface ChatPlace {
  readonly messenger: Messenger
  readonly contact: Contact
  readonly paint: Paint
  readonly now: number
  /** The room there is for a drawing. */
  readonly size: Size
}

/** What follows from a line that was typed. */
export type LineOutcome =
  | { readonly kind: 'send'; readonly text: string; readonly priority: Priority }
  | { readonly kind: 'show'; readonly entries: readonly Entry[] }
  | { readonly kind: 'switch'; readonly contact: Contact }
  | { readonly kind: 'quit' }

type SlashCommand = (place: ChatPlace, rest: string) => Promise<LineOutcome>

/** What a typed line means; commands are carried out. Rejects as the messenger does. */
export async function obeyLine(place: ChatPlace, line: string): Promise<LineOutcome> {
  if (!line.startsWith('/')) return { kind: 'send', text: line, priority: 'routine' }
  if (line.startsWith('//')) return { kind: 'send', text: line.slice(1), priority: 'routine' }
  const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(line) ?? []
  const command = COMMANDS.get(name)
  if (command === undefined)
    return warn(`There is no /${name}; /help lists what there is. To say it, type //${name}`)
  return await command(place, rest.trim())
}

const HELP = `/verify          show the safety number; /verify yes once you compared it
/card            make a contact card for one person: link and QR code
/add <link>      add somebody from their card
/contacts        list your contacts
/chat <contact>  talk with somebody else
/rename <name>   choose what you call this contact
/urgent <text>, /emergency <text>   say something that goes first, marked ! or !!
/status          the network around you
/dial <address>  link to a node
/block, /unblock, /accept   refuse this contact, hear it again, trust its changed keys
/quit            leave (also Ctrl-D); what is queued leaves when you are back
Enter sends, Alt-Enter starts a new line, ↑ ↓ and PgUp PgDn scroll, Esc goes to the newest.
To say something that begins with a slash, type two: //
· queued   ✓ sent   ✓✓ delivered   ✓✓ in colour: read`

const COMMANDS: ReadonlyMap<string, SlashCommand> = new Map<string, SlashCommand>([
  ['help', async () => Promise.resolve(say(HELP))],
  ['quit', async () => Promise.resolve({ kind: 'quit' })],
  ['exit', async () => Promise.resolve({ kind: 'quit' })],
  ['verify', verify],
  ['card', card],
  ['add', add],
  ['contacts', contacts],
  ['chat', chat],
  ['rename', rename],
  ['urgent', async (_place, text) => Promise.resolve(pressing(text, 'urgent'))],
  ['emergency', async (_place, text) => Promise.resolve(pressing(text, 'emergency'))],
  ['status', status],
  ['dial', dial],
  ['block', block],
  ['unblock', unblock],
  ['accept', accept]
])

function pressing(text: string, priority: Priority): LineOutcome {
  return text === '' ? warn(`Say what is the matter: /${priority} <text>`) : { kind: 'send', text, priority }
}

async function verify({ messenger, contact }: ChatPlace, answer: string): Promise<LineOutcome> {
  const name = contactName(contact)
  if (answer === 'yes' || answer === 'no') {
    await messenger.contacts.verify(contact.id, answer === 'yes')
    return say(answer === 'yes' ? `${name} is verified.` : `${name} is not verified.`)
  }
  const lines = safetyNumberLines(await messenger.contacts.safetyNumber(contact.id))
  return say(
    `Safety number with ${name}. Compare it in person or on a call;\nif ${name} sees the same: /verify yes\n${lines.map((line) => `    ${line}`).join('\n')}`
  )
}

async function card({ messenger, paint, size }: ChatPlace): Promise<LineOutcome> {
  const link = await messenger.identity.card()
  const lines = qrLines(qrModules(link), paint.colours)
  const fits = qrColumns(qrModules(link)) <= size.columns && lines.length <= size.rows - ROWS_AROUND_DRAWING
  const hint = fits ? '' : ' In a larger window this shows its QR code, too.'
  return {
    kind: 'show',
    entries: [
      ...(fits ? [{ kind: 'drawing', lines } as const] : []),
      {
        kind: 'notice',
        tone: 'plain',
        text: `For one person, who adds it with /add or \`hallig add\`.${hint}\n${link}`
      }
    ]
  }
}

/** The status line, the input, and the first lines of what is said about the drawing. */
const ROWS_AROUND_DRAWING = 5

async function add({ messenger }: ChatPlace, link: string): Promise<LineOutcome> {
  if (link === '') return warn('Give the link of a card: /add hallig:…')
  const added = await messenger.contacts.add(link.replace(/\s+/g, ''))
  return say(`${contactName(added)} (${shortId(added.id)}) is a contact now: /chat ${contactName(added)}`)
}

async function contacts({ messenger, now }: ChatPlace): Promise<LineOutcome> {
  const lines = contactLines(await messenger.contacts.list(), await unreadCounts(messenger), PLAIN, now)
  return say(lines.join('\n'))
}

async function chat({ messenger }: ChatPlace, wanted: string): Promise<LineOutcome> {
  return { kind: 'switch', contact: await findContact(messenger, wanted) }
}

async function rename({ messenger, contact }: ChatPlace, name: string): Promise<LineOutcome> {
  if (name === '') return warn('Give the new name: /rename <name>')
  const renamed = await messenger.contacts.rename(contact.id, name)
  return say(`${contactName(contact)} is called ${contactName(renamed)} now.`)
}

async function status({ messenger, now }: ChatPlace): Promise<LineOutcome> {
  const lines = statusLines(await messenger.status(), await messenger.contacts.list(), now)
  return say([`Identity   ${messenger.identity.id}`, ...lines].join('\n'))
}

async function dial({ messenger }: ChatPlace, address: string): Promise<LineOutcome> {
  if (address === '') return warn('Give an address as `hallig node` prints it: /dial /ip4/…')
  await messenger.dial(address)
  return say(`A node answers at ${address}.`)
}

async function block({ messenger, contact }: ChatPlace): Promise<LineOutcome> {
  await messenger.contacts.block(contact.id, true)
  return say(`${contactName(contact)} is blocked; /unblock takes it back.`)
}

async function unblock({ messenger, contact }: ChatPlace): Promise<LineOutcome> {
  await messenger.contacts.block(contact.id, false)
  return say(`${contactName(contact)} is not blocked any more.`)
}

async function accept({ messenger, contact }: ChatPlace): Promise<LineOutcome> {
  const { change } = await messenger.contacts.get(contact.id)
  if (change === undefined) return say('Nothing changed; nothing to accept.')
  await messenger.contacts.acceptChange(contact.id)
  return say('The changed keys are trusted now. Compare again: /verify')
}

function say(text: string): LineOutcome {
  return { kind: 'show', entries: [{ kind: 'notice', tone: 'plain', text }] }
}

function warn(text: string): LineOutcome {
  return { kind: 'show', entries: [{ kind: 'notice', tone: 'warning', text }] }
}

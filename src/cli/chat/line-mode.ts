import type { Contact, Message, Messenger } from '../../library.js'
import type { Call } from '../call.js'
import { contactName } from '../contact-argument.js'
import { ContactNames } from '../contact-names.js'
import { watchDelivery } from '../delivery-wait.js'
import { messageText, priorityMark, statusTick } from '../message-text.js'
import { sanitiseText } from '../sanitise.js'
import { CLOCK_MARGIN, clockText, dayText } from '../time-text.js'
import { watchConversation } from './conversation-watch.js'
import type { ChatEnding } from './full-screen.js'
import { obeyLine } from './slash-commands.js'

/** Messages of the history shown at the start. */
const HISTORY = 20
/** Lines that scroll by have room for everything. */
const UNBOUNDED = { columns: Infinity, rows: Infinity }
/** How long to wait for deliveries once the input has ended, in ms. */
const LAST_WAIT = 5000

/** The chat as plain lines, for pipes and terminals that can do no more: a line of `input` is a message sent. */
export async function chatInLines(
  call: Call,
  messenger: Messenger,
  contact: Contact,
  signal: AbortSignal,
  input: AsyncIterator<string>
): Promise<ChatEnding> {
  const names = new ContactNames(messenger)
  await names.load()
  const printer = new LinePrinter(call, contactName(contact))
  const leaving = new AbortController()
  const ending = AbortSignal.any([signal, leaving.signal])
  const watch = watchDelivery(messenger)
  const sent: Message[] = []
  try {
    // What comes in meanwhile is printed behind it.
    const history = printHistory(messenger, contact, printer)
    watchConversation(
      messenger,
      contact,
      {
        message: (message) => {
          if (message.own || message.status !== 'delivered') return
          history
            .then(async () => {
              printer.message(message)
              await messenger.conversations.markRead(contact.conversationId)
            })
            .catch(printer.failure)
        },
        elsewhere: (message) => printer.remark(`${names.nameOf(message.sender)} wrote to you, too`),
        contact: () => undefined,
        peers: () => undefined
      },
      ending
    )
    await history
    const next = await obeyInput(call, messenger, contact, printer, sent, input)
    await watch.settled(sent, LAST_WAIT, signal)
    const underWay = sent.filter((message) =>
      ['queued', 'sent'].includes(watch.latest(message).status)
    ).length
    return { underWay, ...(next === undefined ? {} : { next }) }
  } finally {
    leaving.abort()
    watch.end()
  }
}

async function printHistory(messenger: Messenger, contact: Contact, printer: LinePrinter): Promise<void> {
  const { conversationId } = contact
  for await (const message of messenger.conversations.messages(conversationId, { limit: HISTORY }))
    printer.message(message)
  await messenger.conversations.markRead(conversationId)
}

async function obeyInput(
  { surroundings, output }: Call,
  messenger: Messenger,
  contact: Contact,
  printer: LinePrinter,
  sent: Message[],
  input: AsyncIterator<string>
): Promise<Contact | undefined> {
  for (let typed = await input.next(); typed.done !== true; typed = await input.next()) {
    const line = typed.value.trim()
    if (line === '') continue
    try {
      const place = { messenger, contact, paint: output.paint, now: surroundings.now(), size: UNBOUNDED }
      const outcome = await obeyLine(place, line)
      if (outcome.kind === 'send')
        sent.push(await messenger.send(contact.conversationId, outcome.text, { priority: outcome.priority }))
      else if (outcome.kind === 'show') outcome.entries.forEach(printer.entry)
      else return outcome.kind === 'switch' ? outcome.contact : undefined
    } catch (error) {
      printer.failure(error)
    }
  }
  return undefined
}

class LinePrinter {
  readonly #call: Call
  readonly #name: string
  readonly #seen = new Set<string>()
  #day = ''

  constructor(call: Call, name: string) {
    this.#call = call
    this.#name = name
  }

  readonly message = (message: Message): void => {
    if (this.#seen.has(message.id)) return
    this.#seen.add(message.id)
    const { output } = this.#call
    const day = dayText(message.sentAt)
    const heading = day === this.#day ? [] : [`── ${day} ──`]
    this.#day = day
    const who = message.own ? 'you' : this.#name
    const tick = message.own ? ` ${statusTick(message.status, output.paint)}` : ''
    const mark = priorityMark(message.priority, output.paint)
    const line = `${clockText(message.sentAt)} ${mark}${who}: ${messageText(message)}${tick}`
    output.tell([...heading, line], {}, CLOCK_MARGIN)
  }

  readonly entry = (entry: Parameters<typeof entryText>[0]): void => {
    this.#call.output.print(entryText(entry), {})
  }

  readonly failure = (error: unknown): void => {
    this.remark(sanitiseText(error instanceof Error ? error.message : String(error)))
  }

  remark(text: string): void {
    this.#call.output.remark(text)
  }
}

function entryText(
  entry: Extract<Awaited<ReturnType<typeof obeyLine>>, { kind: 'show' }>['entries'][number]
): string {
  if (entry.kind === 'message') return messageText(entry.message)
  return entry.kind === 'notice' ? entry.text : entry.lines.join('\n')
}

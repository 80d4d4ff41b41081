/** One person of the demonstration, in a process of its own: obeys orders of the parent process and reports to it. */
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createMessenger, type ConversationId, type IdentityId, type Message, type Messenger } from 'hallig'
import { readHistory } from './history.js'
import type { Order, Report } from './reports.js'
import { numberIn } from './texts.js'

type Opening = Extract<Order, { kind: 'open' }>
type Writing = Extract<Order, { kind: 'write' }>

let person: Messenger | undefined
/** The peers linked, as last reported. */
let linked = ''
/** Whom each conversation is with. */
const contacts = new Map<ConversationId, IdentityId>()

function report(report: Report): void {
  process.send?.(report)
}

function now(): number {
  return performance.timeOrigin + performance.now()
}

function messenger(): Messenger {
  if (person === undefined) throw new Error('This person has not been opened yet')
  return person
}

async function open({ path, name, settings }: Opening): Promise<void> {
  const opened = await createMessenger({ path, name, network: settings, start: false })
  person = opened
  const talks = await Promise.all(
    (await opened.conversations.list()).map(async ({ id, contactId: contact }) => {
      contacts.set(id, contact)
      const history = await readHistory(opened, id)
      // Told again: the process before this one may have been killed between its store and its report.
      for (const message of history) tellStatus(message)
      const written = history.filter(({ own }) => own).length
      return { contact, written, received: history.length - written }
    })
  )
  listen(opened)
  await opened.start()
  const { addresses } = await opened.status()
  const peer = addresses[0]?.split('/p2p/')[1] ?? ''
  report({ kind: 'opened', id: opened.identity.id, peer, addresses, talks })
  await tellLinks()
}

function listen(opened: Messenger): void {
  opened.addEventListener('message:receive', ({ detail }) => {
    report({ kind: 'received', contact: detail.sender, number: numberOf(detail), at: now() })
  })
  opened.addEventListener('message:update', ({ detail }) => {
    tellStatus(detail)
  })
  opened.addEventListener('peer:update', () => {
    tellLinks().catch(fail)
  })
}

function tellStatus(message: Message): void {
  const { own, status, carriers = 0, conversationId } = message
  const contact = contacts.get(conversationId)
  if (!own || contact === undefined) return
  report({ kind: 'status', contact, number: numberOf(message), status, carriers, at: now() })
}

function numberOf({ content }: Message): number {
  return content.kind === 'text' ? numberIn(content.text) : 0
}

async function tellLinks(): Promise<void> {
  const { peers } = await messenger().status()
  const names = peers.map(({ peer }) => peer)
  // What is no news must not look like a sign of life.
  if (names.join() === linked) return
  linked = names.join()
  report({ kind: 'links', peers: names })
}

async function write({ to: contact, texts, pace }: Writing): Promise<void> {
  const { id } = await messenger().conversations.direct(contact)
  contacts.set(id, contact)
  for (const text of texts) {
    const at = now()
    await messenger().send(id, text)
    report({ kind: 'wrote', contact, number: numberIn(text), at })
    await delay(pace)
  }
  report({ kind: 'finished-writing' })
}

async function markRead(): Promise<void> {
  const { conversations } = messenger()
  await Promise.all((await conversations.list()).map(({ id }) => conversations.markRead(id)))
}

async function exportTo(file: string): Promise<void> {
  await messenger().sync()
  const { envelopes, bytes } = await messenger().exportParcels((pieces) =>
    pipeline(pieces, createWriteStream(file))
  )
  report({ kind: 'exported', envelopes, bytes })
}

async function importFrom(file: string): Promise<void> {
  const { read, taken, opened } = await messenger().importParcels(createReadStream(file))
  report({ kind: 'imported', envelopes: read, fresh: taken, opened })
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'open':
      await open(order)
      return
    case 'make-card':
      report({ kind: 'card', card: await messenger().identity.card(order) })
      return
    case 'add-card':
      report({ kind: 'added', name: (await messenger().contacts.add(order.card)).name })
      return
    case 'dial':
      await messenger().dial(order.address)
      return
    case 'tell-safety-number': {
      const digits = await messenger().contacts.safetyNumber(order.contact)
      report({ kind: 'safety-number', digits })
      return
    }
    case 'write':
      await write(order)
      return
    case 'mark-read':
      await markRead()
      return
    case 'export':
      await exportTo(order.file)
      return
    case 'import':
      await importFrom(order.file)
      return
    case 'close':
      await messenger().close()
      report({ kind: 'closed' })
      // The channel is all that keeps this process alive now: if it ends, the messenger has left nothing behind.
      process.off('disconnect', leave)
      process.disconnect()
  }
}

function fail(error: unknown): void {
  report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
}

function leave(): void {
  process.exit()
}

process.on('message', (order: Order) => {
  obey(order).catch(fail)
})
// Ctrl-C reaches the whole group of processes: the parent decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
// Without the parent nobody listens any more.
process.once('disconnect', leave)

/** One person of the demonstration, in a process of its own: obeys orders of the parent process and reports to it. */
import { setTimeout as delay } from 'node:timers/promises'
import { createMessenger, type Conversation, type Message, type Messenger } from 'hallig'
import { readHistory } from './history.js'
import type { Order, Report } from './reports.js'
import { numberIn, textOf } from './texts.js'

type Opening = Extract<Order, { kind: 'open' }>
type Writing = Extract<Order, { kind: 'write' }>

/** Time between two looks at the outbox, ms. */
const SETTLE_MS = 20

let person: Messenger | undefined
let written = 0

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

/** There is one other person only, hence one conversation. */
async function conversation(): Promise<Conversation> {
  const [first] = await messenger().conversations.list()
  if (first === undefined) throw new Error('This person knows nobody yet')
  return first
}

async function open({ path, name, network, lan, bootstrap }: Opening): Promise<void> {
  const opened = await createMessenger({
    path,
    name,
    network: { name: network, lan, bootstrap },
    start: false
  })
  person = opened
  const known = await opened.conversations.list()
  const histories = await Promise.all(known.map(({ id }) => readHistory(opened, id)))
  written = histories.flat().filter(({ own }) => own).length
  const received = histories.flat().length - written
  listen(opened)
  await opened.start()
  const { addresses } = await opened.status()
  const peer = addresses[0]?.split('/p2p/')[1] ?? ''
  report({ kind: 'opened', id: opened.identity.id, peer, addresses, written, received })
  await tellLinks()
}

function listen(opened: Messenger): void {
  opened.addEventListener('message:receive', ({ detail }) => {
    report({ kind: 'received', number: numberOf(detail), at: now() })
  })
  opened.addEventListener('message:update', ({ detail }) => {
    if (detail.own) report({ kind: 'status', number: numberOf(detail), status: detail.status, at: now() })
  })
  opened.addEventListener('peer:update', () => {
    tellLinks().catch(fail)
  })
}

function numberOf({ content }: Message): number {
  return content.kind === 'text' ? numberIn(content.text) : 0
}

async function tellLinks(): Promise<void> {
  const { peers, lan } = await messenger().status()
  report({ kind: 'links', links: peers.map(({ peer, address }) => ({ peer, address })), lan: lan ?? null })
}

async function write({ until, pace }: Writing): Promise<void> {
  const { id } = await conversation()
  while (written < until) {
    const at = now()
    written += 1
    const number = written
    await messenger().send(id, textOf(number))
    report({ kind: 'wrote', number, at })
    await delay(pace)
  }
  report({ kind: 'finished-writing' })
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
    case 'tell-links':
      await tellLinks()
      return
    case 'tell-safety-number': {
      const { contactId } = await conversation()
      report({ kind: 'safety-number', digits: await messenger().contacts.safetyNumber(contactId) })
      return
    }
    case 'write':
      await write(order)
      return
    case 'settle':
      while ((await messenger().status()).outbox.messages > 0) await delay(SETTLE_MS)
      report({ kind: 'settled' })
      return
    case 'mark-read':
      await messenger().conversations.markRead((await conversation()).id)
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
process.on('SIGINT', () => undefined)
// Without the parent nobody listens any more.
process.once('disconnect', leave)

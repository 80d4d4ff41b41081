// A process with one messenger on disk that writes to its contact until its power is cut:
// `node messenger-power-child.js <path> <name> <durability> <run> <address>`. It links to that address. It takes lines on standard
// input: `card`, `add <card>`, `contacts`, `waiting`, `history`, `close`. It answers in lines of JSON: `{ history }` first of all, before it sees the network,
// `{ sent }` with each text once `send` has resolved, `{ received }` with each text it is told of, `{ answer }`.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Messenger } from '../../src/index.js'
import { createMessenger } from '../../src/index.js'
import { textOf } from '../../src/simulator/person.js'

const [path = '', name = '', durability = '', run = '', address = ''] = process.argv.slice(2)
/** Sends at work at the same time, so that commits are grouped, and milliseconds each rests in between. */
const WORKERS = 4
const REST_MS = 20

/** Straight to the pipe: what was written before the kill is read after it. */
function tell(line: Record<string, unknown>): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

async function historyOf(messenger: Messenger): Promise<Record<string, unknown>> {
  const [own, theirs]: [string[], string[]] = [[], []]
  const [contact] = await messenger.contacts.list()
  if (contact !== undefined) {
    for await (const message of messenger.conversations.messages(contact.conversationId, {
      limit: 1_000_000
    }))
      (message.own ? own : theirs).push(textOf(message))
  }
  const { outbox, renewal } = await messenger.status()
  return { own, theirs, waiting: outbox.messages, renewed: renewal !== undefined }
}

async function obey(messenger: Messenger, line: string): Promise<unknown> {
  const [verb, card = ''] = line.split(' ')
  if (verb === 'card') return await messenger.identity.card({ size: 'full', addresses: false })
  if (verb === 'add') return (await messenger.contacts.add(card)).id
  if (verb === 'contacts') return (await messenger.contacts.list()).length
  if (verb === 'history') return await historyOf(messenger)
  if (verb === 'waiting') return (await messenger.status()).outbox.messages
  await messenger.close()
  return 'closed'
}

/** Run 0 is silent: the two only meet. */
async function write(messenger: Messenger): Promise<void> {
  const [contact] = await messenger.contacts.list()
  if (contact === undefined || run === '0') return
  let next = 0
  const work = async (): Promise<never> => {
    for (;;) {
      const text = `${name} ${run}-${String(next++)}`
      await messenger.send(contact.conversationId, text)
      tell({ sent: text })
      await delay(REST_MS)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
}

const messenger = await createMessenger({
  path,
  name,
  unlock: { kind: 'key', key: new Uint8Array(32).fill(5) },
  durability: durability === 'process-crash' ? 'process-crash' : 'power-loss',
  network: { listen: [], bootstrap: [address], lan: false },
  start: false
})
messenger.addEventListener('message:receive', ({ detail }) => {
  tell({ received: textOf(detail) })
})
const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  void obey(messenger, line).then((answer) => {
    tell({ answer })
    if (answer !== 'closed') return
    lines.close()
    process.stdin.destroy()
  })
})
tell({ history: await historyOf(messenger) })
await messenger.start()
await write(messenger)

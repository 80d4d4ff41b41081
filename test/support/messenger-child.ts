// A process with one messenger on disk: `node messenger-child.js <path> <network name> <port> [bootstrap]`. It finds others
// on the LAN, and listens on every interface, only if the environment has MESSENGER_LAN, with any value; it is a relay if that has
// MESSENGER_RELAY, and listens at the relays whose addresses are in MESSENGER_RELAYS, with spaces between them. MESSENGER_SUPERVISION
// is a {@link Supervision}, full if not given. It takes
// lines of JSON `{ id, verb, args }` on standard input and answers with `{ id, result }` or `{ id, error }`; `{ sent }`
// tells how many messages of a run are durable so far, `{ received }` how many came in, each time it grows by some.
import { createHash } from 'node:crypto'
import type { Message, Messenger } from '../../src/index.js'
import { createMessenger, isMessengerError, parseIdentityId } from '../../src/index.js'
import { DEFAULT_NETWORK_NAME } from '../../src/messenger/network-name.js'
import { answerLines, tell } from './messenger-lines.js'
import { createUnsupervisedNetwork } from './network-unsupervised.js'

const [path = '', networkName = '', port = '0', ...bootstrap] = process.argv.slice(2)
const lan = process.env['MESSENGER_LAN'] !== undefined
const isUnsupervised = process.env['MESSENGER_SUPERVISION'] === 'none'
const relay = process.env['MESSENGER_RELAY'] !== undefined
const relays = (process.env['MESSENGER_RELAYS'] ?? '').split(' ').filter((address) => address !== '')
const listen = [
  `/ip4/${lan ? '0.0.0.0' : '127.0.0.1'}/tcp/${port}`,
  ...relays.map((address) => `${address}/p2p-circuit`)
]
/** Messages that are being sent at the same time. */
const AT_ONCE = 64
/** How many more messages are told of at a time. */
const TELL_EVERY = 25

function textOf(message: Message): string {
  return message.content.kind === 'text' ? message.content.text : ''
}

async function contactOf(messenger: Messenger): Promise<Message['conversationId']> {
  const [contact] = await messenger.contacts.list()
  if (contact === undefined) throw new Error('There is no contact')
  return contact.conversationId
}

async function historyOf(messenger: Messenger): Promise<Message[]> {
  const messages: Message[] = []
  const id = await contactOf(messenger)
  for await (const message of messenger.conversations.messages(id, { limit: 1_000_000 }))
    messages.push(message)
  return messages
}

/** Send `total` numbered messages, or those of them that this store does not hold yet, each with so many characters before. */
async function sendRest(messenger: Messenger, total: number, padding: number): Promise<number> {
  const id = await contactOf(messenger)
  let next = (await historyOf(messenger)).filter(({ own }) => own).length
  const first = next
  let sent = next
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < total) {
        await messenger.send(id, `${'x'.repeat(padding)}${messenger.identity.name} ${String(next++)}`)
        if (++sent % TELL_EVERY === 0) tell({ sent })
      }
    })
  )
  return total - first
}

/** What a history holds, short enough for a pipe. */
async function summary(messenger: Messenger): Promise<Record<string, unknown>> {
  const history = await historyOf(messenger)
  const hash = createHash('sha256')
  for (const { id } of history) hash.update(id)
  const own = history.filter((message) => message.own)
  const theirs = history.filter((message) => !message.own)
  const statuses: Record<string, number> = {}
  for (const { status } of own) statuses[status] = (statuses[status] ?? 0) + 1
  const { outbox } = await messenger.status()
  return {
    own: own.length,
    theirs: theirs.length,
    ids: new Set(history.map(({ id }) => id)).size,
    isOwnInOrder: own.every((message, n) =>
      textOf(message).endsWith(`${messenger.identity.name} ${String(n)}`)
    ),
    isTheirsInOrder: theirs.every((message, n) => textOf(message).endsWith(` ${String(n)}`)),
    digest: hash.digest('hex'),
    statuses,
    waiting: outbox.messages,
    rss: process.memoryUsage().rss
  }
}

async function obey(messenger: Messenger, verb: string, args: readonly string[]): Promise<unknown> {
  switch (verb) {
    case 'card':
      return await messenger.identity.card({ size: 'full', addresses: args[0] === 'with addresses' })
    case 'add':
      return (await messenger.contacts.add(args[0] ?? '')).id
    case 'send':
      return await sendRest(messenger, Number(args[0]), Number(args[1] ?? 0))
    case 'say':
      return (await messenger.send(await contactOf(messenger), args[0] ?? '')).id
    case 'knows': {
      const id = parseIdentityId(args[0] ?? '')
      return (await messenger.contacts.list()).some((contact) => contact.id === id)
    }
    case 'dial':
      await messenger.dial(args[0] ?? '')
      return 'dialled'
    case 'summary':
      return await summary(messenger)
    case 'status':
      return await messenger.status()
    case 'close':
      await messenger.close()
      return 'closed'
    default:
      throw new Error(`Unknown verb ${verb}`)
  }
}

async function serve(messenger: Messenger): Promise<void> {
  const seen = new Set<string>()
  messenger.addEventListener('message:receive', ({ detail }) => {
    if (seen.has(detail.id)) tell({ doubled: textOf(detail) })
    seen.add(detail.id)
    if (seen.size % TELL_EVERY === 0) tell({ received: seen.size })
  })
  tell({ opened: messenger.identity.id, addresses: (await messenger.status()).addresses })
  const lines = answerLines(async (verb, args) => {
    const result = await obey(messenger, verb, args)
    // What was asked before is answered; nothing more is taken.
    if (verb === 'close') {
      lines.close()
      process.stdin.destroy()
    }
    return result
  })
}

try {
  await serve(
    await createMessenger({
      path,
      unlock: { kind: 'key', key: new Uint8Array(32).fill(5) },
      name: process.env['MESSENGER_NAME'] ?? 'somebody',
      network: isUnsupervised
        ? await createUnsupervisedNetwork(DEFAULT_NETWORK_NAME, listen)
        : { name: networkName, listen, bootstrap, relay, lan }
    })
  )
} catch (error) {
  tell({ failed: isMessengerError(error) ? error.code : String(error) })
  process.exitCode = 1
}

// A process with one messenger on disk and a clock that can be set wrong: `node messenger-field-child.js <path> <network name> <port> <log>
// [milliseconds its clock is ahead]`; without the last it has the system's clock. It takes lines of JSON `{ id, verb, args }` and answers them.
import { appendFileSync, createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMessenger, isMessengerError, type Messenger } from '../../src/index.js'
import type { Priority } from '../../src/index.js'
import { contactOf } from './messenger-contact.js'
import type { FieldHeld } from './messenger-field.js'
import { answerLines, tell } from './messenger-lines.js'

const [path = '', networkName = '', port = '0', log = '', ahead] = process.argv.slice(2)
let offset = Number(ahead ?? 0)
const clock = {
  now: () => Date.now() + offset,
  schedule: (delay: number, wake: () => void) => {
    if (delay <= 0) {
      const immediate = setImmediate(wake)
      return () => {
        clearImmediate(immediate)
      }
    }
    const timer = setTimeout(wake, Math.min(delay, 2 ** 31 - 1)).unref()
    return () => {
      clearTimeout(timer)
    }
  }
}

function note(kind: string, facts: object): void {
  appendFileSync(log, `${JSON.stringify({ at: new Date().toISOString(), kind, ...facts })}\n`)
}

async function historyOf(messenger: Messenger, name: string | undefined): Promise<FieldHeld[]> {
  const held: FieldHeld[] = []
  const { conversationId } = await contactOf(messenger, name)
  for await (const message of messenger.conversations.messages(conversationId, { limit: 100_000 })) {
    const { id, own, status, content, position } = message
    held.push({ id, own, status, position, text: content.kind === 'text' ? content.text : '' })
  }
  return held
}

/** Memory after a collection, and what is open. */
function usage(): Record<string, unknown> {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  const resources: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
  return { heapUsed, external, arrayBuffers, rss, ...resources }
}

async function obey(messenger: Messenger, verb: string, args: readonly string[]): Promise<unknown> {
  const [first = '', second = '', priority = 'routine'] = args
  switch (verb) {
    case 'card':
      return await messenger.identity.card({ size: 'full' })
    case 'add':
      return (await messenger.contacts.add(first)).name
    case 'contacts':
      return await messenger.contacts.list()
    case 'say': {
      const { conversationId } = await contactOf(messenger, first)
      return (await messenger.send(conversationId, second, { priority: priority as Priority })).id
    }
    case 'mark-read':
      await messenger.conversations.markRead((await contactOf(messenger, first)).conversationId)
      return 'read'
    case 'history':
      return await historyOf(messenger, first)
    case 'export':
      return await messenger.exportParcels((pieces) => pipeline(pieces, createWriteStream(first)))
    case 'import':
      return await messenger.importParcels(createReadStream(first))
    case 'clock':
      offset = Number(first)
      return offset
    case 'usage':
      return usage()
    case 'status':
      return await messenger.status()
    case 'close':
      await messenger.close()
      return 'closed'
    default:
      throw new Error(`Unknown verb ${verb}`)
  }
}

function listen(messenger: Messenger): void {
  const seen = new Set<string>()
  messenger.addEventListener('message:receive', ({ detail: { id } }) => {
    if (seen.has(id)) tell({ doubled: id })
    seen.add(id)
  })
  for (const kind of ['identity:change', 'identity:copy', 'storage:update', 'envelope:reject'] as const)
    messenger.addEventListener(kind, ({ detail }: CustomEvent<object>) => {
      note(kind, detail)
    })
  messenger.addEventListener('peer:update', ({ detail }) => {
    note('peers', detail)
  })
}

process.on('warning', (warning) => {
  note('warning', { name: warning.name, message: warning.message })
})
process.on('uncaughtExceptionMonitor', (error) => {
  note('uncaught', { error: String(error.stack) })
})
try {
  const messenger = await createMessenger({
    path,
    unlock: { kind: 'key', key: new Uint8Array(32).fill(5) },
    name: process.env['MESSENGER_NAME'] ?? 'somebody',
    logger: {
      debug: (message, facts) => {
        note('debug', { message, ...facts })
      },
      warn: (message, facts) => {
        note('warn', { message, ...facts })
      }
    },
    ...(ahead === undefined ? {} : { clock }),
    network: { name: networkName, listen: [`/ip4/0.0.0.0/tcp/${port}`] }
  })
  note('opened', { pid: process.pid })
  listen(messenger)
  tell({ opened: messenger.identity.id, addresses: [], pid: process.pid })
  const lines = answerLines(async (verb, args) => {
    const result = await obey(messenger, verb, args)
    if (verb === 'close') {
      lines.close()
      process.stdin.destroy()
    }
    return result
  })
} catch (error) {
  note('failed', { error: String(error) })
  tell({ failed: isMessengerError(error) ? error.code : String(error) })
  process.exitCode = 1
}

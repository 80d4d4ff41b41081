// What runs in the page of a browser test: one messenger, and whatever a test asks of it.
import {
  createMessenger,
  isMessengerError,
  wipeStore,
  type Message,
  type Messenger
} from '../../src/index.js'
import { textOf } from '../../src/simulator/person.js'
import { openLazyStore } from './browser-lazy-store.js'
import type { PageAnswer, PageHistory, PageOptions, PageVerb } from './browser-protocol.js'

/** Sends at work at the same time, so that commits are grouped, and milliseconds each rests in between. */
const WORKERS = 4
const REST_MS = 20

let current: Messenger | undefined

function messenger(): Messenger {
  if (current === undefined) throw new Error('No messenger is open')
  return current
}

async function open({
  path,
  networkName,
  bootstrap,
  byKeyFile = false,
  durability = 'power-loss',
  lazy = false
}: PageOptions): Promise<string> {
  current = await createMessenger({
    ...(lazy ? { store: await openLazyStore(path) } : { path, durability }),
    ...(byKeyFile ? {} : { unlock: { kind: 'passphrase', passphrase: 'correct horse' } }),
    name: 'Alice',
    network: { name: networkName, bootstrap }
  })
  current.addEventListener('message:receive', ({ detail }) => {
    window.tell({ received: textOf(detail) })
  })
  current.addEventListener('message:update', ({ detail }) => {
    window.tell({ updated: textOf(detail), status: detail.status })
  })
  return current.identity.id
}

async function conversation(): Promise<Message['conversationId']> {
  const [contact] = await messenger().contacts.list()
  if (contact === undefined) throw new Error('There is no contact')
  return contact.conversationId
}

async function history(): Promise<PageHistory> {
  const [own, theirs]: [string[], string[]] = [[], []]
  for await (const message of messenger().conversations.messages(await conversation(), { limit: 1_000_000 }))
    (message.own ? own : theirs).push(textOf(message))
  return { own, theirs }
}

/** Write until the tab is gone. */
async function write(run: string): Promise<void> {
  const id = await conversation()
  let next = 0
  const work = async (): Promise<never> => {
    for (;;) {
      const text = `alice ${run}-${String(next++)}`
      await messenger().send(id, text)
      window.tell({ sent: text })
      await new Promise((resolve) => setTimeout(resolve, REST_MS))
    }
  }
  for (let worker = 0; worker < WORKERS; worker += 1) void work()
}

/** A wipe goes no further than this, and the test is told when it is there. */
function hangAt(moment: string): void {
  const hang = (): Promise<never> => {
    window.tell({ reached: moment })
    return new Promise(() => undefined)
  }
  if (moment === 'with its header gone') {
    Object.defineProperty(indexedDB, 'deleteDatabase', { value: hang })
    return
  }
  const buckets = Reflect.get(navigator, 'storageBuckets') as { delete(name: string): Promise<void> }
  const remove = buckets.delete.bind(buckets)
  Object.defineProperty(buckets, 'delete', { value: (name: string) => remove(name).then(hang) })
}

const verbs: Readonly<Record<PageVerb, (argument: string) => Promise<unknown>>> = {
  open: async (argument) => await open(JSON.parse(argument) as PageOptions),
  add: async (card) => (await messenger().contacts.add(card)).id,
  say: async (text) => (await messenger().send(await conversation(), text)).id,
  write,
  history,
  waiting: async () => (await messenger().status()).outbox.messages,
  read: async () => {
    await messenger().conversations.markRead(await conversation())
  },
  wipe: async (moment) => {
    if (moment !== '') hangAt(moment)
    await messenger().wipe()
  },
  wipeStore: async (path) => {
    await wipeStore(path)
  },
  close: async () => {
    await messenger().close()
  }
}

window.ask = async (verb, argument): Promise<PageAnswer> => {
  try {
    return { result: await verbs[verb](argument) }
  } catch (error) {
    return { failed: isMessengerError(error) ? error.code : String(error) }
  }
}

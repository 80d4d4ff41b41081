import { createMessenger, parseIdentityId, type Messenger } from '../../src/index.js'
import { monotonic } from '../harness/monotonic.js'
import { serve, type Commands } from '../harness/serve.js'

/** A node with its store on disk; whatever it finds, it finds on the local network. */
const [path = '', networkName = ''] = process.argv.slice(2)
let messenger: Messenger | undefined

async function open(start: boolean): Promise<Messenger> {
  messenger = await createMessenger({ path, network: { name: networkName }, start })
  return messenger
}

/** Open, make a card without addresses, and stay. */
async function stay(): Promise<string> {
  const opened = await open(true)
  return await opened.identity.card({ addresses: false })
}

/** Add a contact to the store and close it again: the contact's id. */
async function prepare(card: string): Promise<string> {
  const opened = await open(false)
  const { id } = await opened.contacts.add(card)
  await opened.close()
  return id
}

/** Milliseconds from opening the prepared store until a message is delivered to the contact in it. */
async function firstMessage(contact: string): Promise<number> {
  const id = parseIdentityId(contact)
  if (id === undefined) throw new Error(`${contact} is no identity`)
  const start = monotonic()
  const opened = await open(true)
  const delivered = new Promise<number>((resolve) => {
    opened.addEventListener('message:update', ({ detail: { status } }) => {
      if (status === 'delivered') resolve(monotonic() - start)
    })
  })
  const conversation = await opened.conversations.direct(id)
  await opened.send(conversation.id, 'Is anybody there?')
  return await delivered
}

const commands: Commands = {
  stay: () => stay(),
  prepare: (card) => prepare(String(card)),
  firstMessage: (contact) => firstMessage(String(contact)),
  resident: () => process.memoryUsage.rss() / 1e6
}
serve(commands, async () => {
  await messenger?.close()
})

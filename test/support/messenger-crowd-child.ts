// A process with several messengers on disk: `node messenger-crowd-child.js <network name> <member…>`, each member as JSON. It takes lines of JSON
// `{ id, verb, args }` on standard input, the first argument being who is meant, and answers with `{ id, result }` or `{ id, error }`.
import type { Messenger } from '../../src/index.js'
import { createMessenger } from '../../src/index.js'
import { contactOf, findContact } from './messenger-contact.js'
import type { CrowdMember, Held } from './messenger-crowd.js'
import { answerLines, tell } from './messenger-lines.js'

const [networkName = '', ...members] = process.argv.slice(2)
const messengers = new Map<string, Messenger>()

function messengerOf(who = ''): Messenger {
  const messenger = messengers.get(who)
  if (messenger === undefined) throw new Error(`${who} does not live here`)
  return messenger
}

async function historyOf(messenger: Messenger, name: string | undefined): Promise<Held[]> {
  const held: Held[] = []
  const { conversationId } = await contactOf(messenger, name)
  for await (const message of messenger.conversations.messages(conversationId, { limit: 100_000 })) {
    const { id, own, status, content } = message
    held.push({ id, own, status, text: content.kind === 'text' ? content.text : '' })
  }
  return held
}

async function obey(verb: string, [who, ...args]: readonly string[]): Promise<unknown> {
  const messenger = messengerOf(who)
  const [first, second = ''] = args
  switch (verb) {
    case 'card':
      return await messenger.identity.card({ size: 'full', addresses: false })
    case 'add':
      return (await messenger.contacts.add(first ?? '')).name
    case 'knows':
      return (await findContact(messenger, first ?? '')) !== undefined
    case 'say':
      return (await messenger.send((await contactOf(messenger, first)).conversationId, second)).id
    case 'history':
      return await historyOf(messenger, first)
    default:
      throw new Error(`Unknown verb ${verb}`)
  }
}

async function open({ name, path, port, bootstrap }: CrowdMember): Promise<void> {
  const network = { name: networkName, listen: [`/ip4/127.0.0.1/tcp/${String(port)}`], bootstrap, lan: false }
  const unlock = { kind: 'key', key: new Uint8Array(32).fill(5) } as const
  messengers.set(name, await createMessenger({ name, path, unlock, network }))
}

for (const member of members) await open(JSON.parse(member) as CrowdMember)
tell({ opened: networkName })
answerLines(obey)

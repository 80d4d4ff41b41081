import { createMessenger, type Message } from '../../src/index.js'
import type { Party, PartyEvents } from './party.js'

/** A messenger with its store in `path`, with durable writes, or in memory; the sender learns of every delivery. */
export async function openHalligParty(
  path: string | undefined,
  { onArrival, onReceipt }: PartyEvents
): Promise<Party> {
  const messenger = await createMessenger({
    ...(path === undefined ? {} : { path }),
    network: { name: 'benchmark', lan: false, listen: ['/ip4/127.0.0.1/tcp/0'] }
  })
  let conversationId: Message['conversationId'] | undefined
  messenger.addEventListener('message:receive', ({ detail: { content } }) => {
    if (content.kind === 'text') onArrival(content.text)
  })
  messenger.addEventListener('message:update', ({ detail: { content, status } }) => {
    if (content.kind === 'text' && status === 'delivered') onReceipt(content.text)
  })
  return {
    invitation: () => messenger.identity.card({ size: 'full' }),
    async meet(invitation) {
      conversationId = (await messenger.contacts.add(invitation)).conversationId
    },
    async send(text) {
      if (conversationId === undefined) throw new Error('Meet somebody first')
      await messenger.send(conversationId, text)
    },
    close: () => messenger.close()
  }
}

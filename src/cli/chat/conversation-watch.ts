import type { Contact, Message, Messenger } from '../../library.js'
import { pause } from '../interruption.js'

/** What a chat wants to hear about. */
export interface ConversationListener {
  /** A message of this conversation is new or changed. */
  readonly message: (message: Message) => void
  /** Somebody else wrote. */
  readonly elsewhere: (message: Message) => void
  readonly contact: (contact: Contact) => void
  readonly peers: (peers: number) => void
}

/** Reachability also ends by mere silence, of which no event tells; ms between looks. */
const LOOK_INTERVAL = 10_000

/** Listen to one conversation until `signal` aborts. */
export function watchConversation(
  messenger: Messenger,
  contact: Contact,
  listener: ConversationListener,
  signal: AbortSignal
): void {
  const onMessage = ({ detail }: CustomEvent<Message>): void => {
    if (detail.conversationId === contact.conversationId) listener.message(detail)
    else if (!detail.own && detail.status === 'delivered') listener.elsewhere(detail)
  }
  const onUpdate = ({ detail }: CustomEvent<Message>): void => {
    if (detail.conversationId === contact.conversationId) listener.message(detail)
  }
  messenger.addEventListener('message:receive', onMessage, { signal })
  messenger.addEventListener('message:update', onUpdate, { signal })
  messenger.addEventListener(
    'contact:update',
    ({ detail }) => {
      if (detail.id === contact.id) listener.contact(detail)
    },
    { signal }
  )
  messenger.addEventListener('peer:update', ({ detail }) => listener.peers(detail.peers), { signal })
}

/** Look after the contact and the peers now and then, until `signal` aborts. */
export async function keepLooking(
  messenger: Messenger,
  contact: Contact,
  listener: ConversationListener,
  signal: AbortSignal
): Promise<void> {
  while (!signal.aborted) {
    listener.contact(await messenger.contacts.get(contact.id))
    listener.peers((await messenger.status()).peers.length)
    await pause(LOOK_INTERVAL, signal)
  }
}

import { createMessenger, type IdentityId } from 'hallig'
import type { Entry } from './check.js'
import { readHistory } from './history.js'
import type { PersonProcess } from './person-process.js'
import { numberIn } from './texts.js'

/** What lies in somebody's store. */
export interface StoreContents {
  /** Each conversation, by whom it is with. */
  readonly conversations: ReadonlyMap<IdentityId, readonly Entry[]>
  /** Envelopes kept, own ones and those of others. */
  readonly envelopes: number
}

/** Read a store when nobody's process has it open. */
export async function readStore({ path }: Pick<PersonProcess, 'path'>): Promise<StoreContents> {
  const messenger = await createMessenger({ path, start: false })
  try {
    const conversations = new Map<IdentityId, readonly Entry[]>()
    for (const { id: conversation, contactId } of await messenger.conversations.list()) {
      const history = await readHistory(messenger, conversation)
      const entries = history.map(({ id, position, own, status, content }) => {
        const text = content.kind === 'text' ? content.text : ''
        return { id, position, own, status, text, number: numberIn(text) }
      })
      conversations.set(contactId, entries)
    }
    return { conversations, envelopes: (await messenger.status()).mailbox.envelopes }
  } finally {
    await messenger.close()
  }
}

import type { ConversationId, Message, Messenger } from 'hallig'

const PAGE = 100

/** A whole conversation, oldest first, read page by page. */
export async function readHistory(messenger: Messenger, id: ConversationId): Promise<Message[]> {
  const pages: Message[][] = []
  let before: string | undefined
  do {
    const page: Message[] = []
    const options = before === undefined ? { limit: PAGE } : { limit: PAGE, before }
    for await (const message of messenger.conversations.messages(id, options)) page.push(message)
    pages.unshift(page)
    before = page[0]?.position
  } while (before !== undefined)
  return pages.flat()
}

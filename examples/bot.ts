/**
 * A bot that anybody may write to: it prints a card for all, and answers every text with that text. Give it a directory
 * to live in: `node bot.js ./bot`.
 */
import { createMessenger, isMessengerError, type Message } from 'hallig'

const bot = await createMessenger({ path: process.argv[2] ?? './bot', name: 'Echo' })

bot.addEventListener('message:receive', ({ detail }) => {
  // A rejection that nobody takes would end the process.
  answer(detail).catch((error: unknown) => {
    console.error(isMessengerError(error) ? `${error.code}: ${error.message}` : error)
  })
})

async function answer({ conversationId, content }: Message): Promise<void> {
  const text =
    content.kind === 'text' ? content.text : `${content.bytes.length} bytes of ${content.mediaType}`
  await bot.send(conversationId, `You said: ${text}`)
  await bot.conversations.markRead(conversationId)
}

console.log(await bot.identity.card({ reusable: true }))

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void bot.close())

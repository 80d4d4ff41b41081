/** Two people in one process: they meet by card, write to each other and see how far a message has come. */
import { createMessenger, type Message, type Messenger } from 'hallig'

// With `path: './alice'` a messenger keeps everything on disk; without one it forgets all at the end.
const alice = await createMessenger({ name: 'Alice' })
const bob = await createMessenger({ name: 'Bob' })

// A card is all Bob needs of Alice: a link to send by any means, or to show as a QR code.
const contact = await bob.contacts.add(await alice.identity.card())
console.log(`Bob added ${contact.name}`)

bob.addEventListener('message:update', ({ detail }) => {
  console.log(`Bob's message is ${detail.status}`)
})
const heard = nextMessage(alice)
await bob.send(contact.conversationId, 'Land unter! Is your mound still dry?')

const question = await heard
console.log('Alice reads:', question.content)
await alice.conversations.markRead(question.conversationId)

const answered = nextMessage(bob)
await alice.send(question.conversationId, 'Dry, and the kettle is on.')
console.log('Bob reads:', (await answered).content)

await Promise.all([alice.close(), bob.close()])

function nextMessage(messenger: Messenger): Promise<Message> {
  return new Promise((resolve) => {
    messenger.addEventListener('message:receive', ({ detail }) => resolve(detail), { once: true })
  })
}

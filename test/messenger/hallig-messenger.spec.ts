import assert from 'node:assert/strict'
import { createMessenger } from '../../src/messenger/create-messenger.js'
import type { Messenger } from '../../src/messenger/messenger.js'
import { countOf } from '../support/messenger-count.js'

describe('messenger/hallig-messenger', () => {
  it('does nothing more once it is closed', async () => {
    const other = await createMessenger({ start: false })
    const messenger = await createMessenger({ start: false, name: 'alice' })
    const contact = await messenger.contacts.add(await other.identity.card({ size: 'full' }))
    await messenger.close()
    await messenger.close()
    const { id, conversationId } = contact
    const calls: Record<string, (closed: Messenger) => Promise<unknown>> = {
      card: ({ identity }) => identity.card(),
      rename: ({ identity }) => identity.rename('x'),
      rotate: ({ identity }) => identity.rotatePrekeys(),
      add: ({ contacts }) => contacts.add('hallig:'),
      get: ({ contacts }) => contacts.get(id),
      list: ({ contacts }) => contacts.list(),
      safetyNumber: ({ contacts }) => contacts.safetyNumber(id),
      verify: ({ contacts }) => contacts.verify(id),
      block: ({ contacts }) => contacts.block(id),
      acceptChange: ({ contacts }) => contacts.acceptChange(id),
      remove: ({ contacts }) => contacts.remove(id),
      direct: ({ conversations }) => conversations.direct(id),
      conversation: ({ conversations }) => conversations.get(conversationId),
      conversations: ({ conversations }) => conversations.list(),
      markRead: ({ conversations }) => conversations.markRead(conversationId),
      messages: ({ conversations }) => countOf(conversations.messages(conversationId)),
      send: (closed) => closed.send(conversationId, 'x'),
      dial: (closed) => closed.dial('/ip4/127.0.0.1/tcp/1'),
      status: (closed) => closed.status(),
      start: (closed) => closed.start()
    }
    for (const [name, call] of Object.entries(calls)) {
      await assert.rejects(async () => await call(messenger), { code: 'CLOSED' }, name)
    }
    assert.equal(messenger.identity.name, 'alice')
    await messenger.stop()
    await other.close()
  })

  it('hands out data, which stays as it was', async () => {
    await using bob = await createMessenger({ start: false, name: 'bob' })
    await using alice = await createMessenger({ start: false, name: 'alice' })
    const contact = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    const before = structuredClone(contact)
    await alice.contacts.rename(contact.id, 'Robert')
    assert.deepEqual(contact, before)
    assert.equal((await alice.contacts.get(contact.id)).name, 'Robert')
    const names = []
    for (const name of ['zoe', 'Ada', 'mia']) {
      await using other = await createMessenger({ start: false, name })
      names.push((await alice.contacts.add(await other.identity.card())).name)
    }
    assert.deepEqual(
      (await alice.contacts.list()).map(({ name }) => name),
      ['Ada', 'mia', 'Robert', 'zoe']
    )
  })

  it('listens and stops listening as asked', async () => {
    await using messenger = await createMessenger({ start: false })
    const listener = (): void => undefined
    messenger.addEventListener('contact:update', listener)
    assert.equal(messenger.listenerCount('contact:update'), 1)
    messenger.removeEventListener('contact:update', listener)
    assert.equal(messenger.listenerCount('contact:update'), 0)
  })
})

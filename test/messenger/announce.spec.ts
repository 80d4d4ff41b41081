import assert from 'node:assert/strict'
import { encodeIdentityId } from '../../src/codec/ids.js'
import { emitContact, emitConversation, emitRead, emitUpdates } from '../../src/messenger/announce.js'
import { markRead } from '../../src/messenger/history.js'
import { renewSession } from '../../src/messenger/send/seal.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { toContact } from '../../src/messenger/status.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../support/messenger-bench.js'

const nobody = encodeIdentityId(new Uint8Array(20).fill(9))

describe('messenger/announce', () => {
  let bench: Bench
  let alice: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice] = await friends(bench)
    await bench.clock.advance(5_000)
  })

  it('reads nothing from the store while nobody listens', async () => {
    const { context } = alice
    const { contact, conversation } = onlyState(context)
    let reads = 0
    const get = context.store.get.bind(context.store)
    context.store.get = (key) => {
      reads++
      return get(key)
    }
    emitContact(context, contact.id)
    emitConversation(context, contact.id)
    emitUpdates(context, contact.id, [conversation.lastPosition ?? ''])
    emitRead(context, contact.id, [])
    await bench.clock.advance(10)
    assert.equal(reads, 0)
  })

  it('tells at once that a session has begun, and that it was answered', async () => {
    const { context } = alice
    const { contact, conversation } = onlyState(context)
    const told: string[] = []
    context.events.addEventListener('contact:update', ({ detail }) => told.push(detail.session))
    await step(bench, context, contact.id, (unit) => {
      assert.ok(renewSession(context, unit))
    })
    assert.deepEqual(told, ['handshake'])
    // Heard of twice within a second, which is told once.
    await bench.clock.advance(5_000)
    await bench.run(sendMessage(context, conversation.id, 'on the new session'))
    await bench.clock.advance(200)
    assert.equal(told.at(-1), 'established')
    assert.equal(toContact(context, onlyState(context)).session, 'established')
  })

  it('tells whoever listens what it is now, and says nothing of somebody unknown', async () => {
    const { context } = alice
    const { contact, conversation } = onlyState(context)
    const told: string[] = []
    context.events.addEventListener('contact:update', ({ detail }) => told.push(`contact ${detail.name}`))
    context.events.addEventListener('conversation:update', ({ detail }) =>
      told.push(`unread ${String(detail.unread)}`)
    )
    context.events.addEventListener('message:update', ({ detail }) => told.push(`message ${detail.status}`))
    for (const id of [contact.id, nobody]) {
      emitContact(context, id)
      emitConversation(context, id)
      emitUpdates(context, id, [conversation.lastPosition ?? '', '', 'no such position'])
    }
    await bench.clock.advance(10)
    assert.deepEqual(told.toSorted(), ['contact bob', 'message delivered', 'unread 1'])
  })

  it('ends with what is true, in whatever order the store gives what it is asked for', async () => {
    const { context } = alice
    const { contact, conversation } = onlyState(context)
    const [unread, statuses]: [number[], string[]] = [[], []]
    context.events.addEventListener('conversation:update', ({ detail }) => unread.push(detail.unread))
    context.events.addEventListener('message:update', ({ detail }) => statuses.push(detail.status))
    const held: (() => void)[] = []
    const get = context.store.get.bind(context.store)
    context.store.get = async (key) => {
      const bytes = await get(key)
      await new Promise<void>((resolve) => held.push(resolve))
      return bytes
    }
    const own = await sendMessage(context, conversation.id, 'Is the causeway dry?')
    context.recent.remove(own.position)
    emitUpdates(context, contact.id, [own.position])
    await bench.clock.advance(1_000)
    assert.ok(held.length > 1, 'some is asked for before it is delivered')
    await markRead(context, conversation.id)
    await bench.clock.advance(1_000)
    // The last that was asked for comes first.
    for (let next = held.pop(); next !== undefined; next = held.pop()) {
      next()
      await bench.clock.advance(1_000)
    }
    assert.deepEqual([unread, statuses.slice(-1)], [[0], ['delivered']])
  })
})

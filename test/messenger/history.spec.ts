import assert from 'node:assert/strict'
import { encodeConversationId } from '../../src/codec/ids.js'
import { isMessengerError } from '../../src/errors.js'
import { removeContact } from '../../src/messenger/contacts/contacts.js'
import {
  listConversations,
  markRead,
  readMessages,
  type HistoryOptions
} from '../../src/messenger/history.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../support/messenger-bench.js'
import { countOf } from '../support/messenger-count.js'
import { textOf } from '../../src/simulator/person.js'

describe('messenger/history', () => {
  let bench: Bench
  let alice: BenchNode

  before(async () => {
    bench = createBench()
    const [one, other] = await friends(bench)
    alice = one
    for (let n = 0; n < 60; n++) {
      await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, `m${String(n)}`))
    }
    for (const { node } of [one, other]) await bench.run(node.stop())
  })

  async function read(options?: HistoryOptions): Promise<string[]> {
    const texts: string[] = []
    const { id } = onlyState(alice.context).conversation
    for await (const message of readMessages(alice.context, id, options)) texts.push(textOf(message))
    return texts
  }

  it('gives the last of them, oldest first, fifty unless asked otherwise', async () => {
    const texts = await read()
    assert.deepEqual([texts.length, texts[0], texts.at(-1)], [50, 'm10', 'm59'])
    assert.deepEqual(await read({ limit: 2 }), ['m58', 'm59'])
    assert.deepEqual(await read({ limit: 0 }), [])
    assert.equal((await read({ limit: 1_000 })).length, 62)
  })

  it('gives those before a position', async () => {
    const { id } = onlyState(alice.context).conversation
    let before: string | undefined
    for await (const message of readMessages(alice.context, id, { limit: 10 })) before ??= message.position
    assert.ok(before !== undefined)
    assert.deepEqual(await read({ before, limit: 2 }), ['m48', 'm49'])
    assert.deepEqual(await read({ before: '0' }), [])
  })

  it('refuses a limit that is none, and a conversation nobody knows', async () => {
    for (const limit of [-1, 1.5, Number.NaN])
      await assert.rejects(read({ limit }), { code: 'OPTIONS_INVALID' })
    const nowhere = encodeConversationId(new Uint8Array(20))
    await assert.rejects(countOf(readMessages(alice.context, nowhere)), { code: 'UNKNOWN_CONVERSATION' })
  })

  it('stops when it is aborted in the middle', async () => {
    const aborter = new AbortController()
    const texts: string[] = []
    const { id } = onlyState(alice.context).conversation
    for await (const message of readMessages(alice.context, id, { signal: aborter.signal })) {
      texts.push(textOf(message))
      if (texts.length === 3) aborter.abort()
    }
    assert.equal(texts.length, 3)
  })

  describe('of a conversation that ends', () => {
    let other: Bench
    let node: BenchNode
    let read: (options?: HistoryOptions) => AsyncIterable<unknown>

    beforeEach(async () => {
      other = createBench(2)
      ;[node] = await friends(other)
      const { id } = onlyState(node.context).conversation
      read = (options) => readMessages(node.context, id, options)
    })

    it('leaves who reads it live, and begins only when the messenger is closed, nothing to wait for', async () => {
      const [live, tail, past] = [read({ live: true }), read({ live: true, limit: 0 }), read()]
      await other.run(node.node.close())
      assert.deepEqual([await countOf(live), await countOf(tail)], [0, 0])
      await assert.rejects(countOf(past), { code: 'CLOSED' })
    })

    it('is unknown from when its contact was removed, and what is read live ends without an error', async () => {
      const { context } = node
      const { contact } = onlyState(context)
      const range = context.store.range.bind(context.store)
      let removal: Promise<void> | undefined
      context.store.range = async function* (wanted) {
        const pairs: (readonly [string, Uint8Array])[] = []
        for await (const pair of range(wanted)) pairs.push(pair)
        // The history is read backwards, and nothing else.
        if (wanted.reverse === true) await (removal ??= removeContact(context, contact.id))
        yield* pairs
      }
      const reads = [countOf(read({ live: true })), countOf(read())]
      const [live, past] = await other.run(Promise.allSettled(reads))
      assert.deepEqual(live, { status: 'fulfilled', value: 0 })
      assert.ok(past?.status === 'rejected' && isMessengerError(past.reason, 'UNKNOWN_CONVERSATION'))
      await other.run(node.node.close())
    })
  })

  it('marks everything received as read, and writes nothing when it is', async () => {
    const { context } = alice
    const { id } = onlyState(context).conversation
    assert.equal(onlyState(context).conversation.unread, 1)
    await bench.run(markRead(context, id))
    const after = onlyState(context).conversation
    assert.deepEqual([after.unread, after.receiptDue], [0, true])
    await bench.run(markRead(context, id))
    assert.equal(onlyState(context).conversation, after)
    const [conversation] = await listConversations(context)
    assert.deepEqual([conversation?.unread, conversation?.lastMessage?.own], [0, true])
  })
})

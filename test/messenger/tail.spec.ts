import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { encodeConversationId, encodeIdentityId, encodeMessageId } from '../../src/codec/ids.js'
import type { Message } from '../../src/messenger/messenger.js'
import { Tail } from '../../src/messenger/tail.js'

const here = encodeConversationId(new Uint8Array(20).fill(1))
const elsewhere = encodeConversationId(new Uint8Array(20).fill(2))

function message(n: number, conversationId = here): Message {
  return {
    id: encodeMessageId(new Uint8Array(16).fill(n)),
    conversationId,
    sender: encodeIdentityId(new Uint8Array(20)),
    own: false,
    content: { kind: 'text', text: String(n) },
    priority: 'routine',
    sentAt: 0,
    storedAt: 0,
    status: 'delivered',
    position: String(n)
  }
}

async function read(tail: AsyncIterable<Message>): Promise<string[]> {
  const positions: string[] = []
  for await (const { position } of tail) positions.push(position)
  return positions
}

/** Fails when anything is handed to it from now on. */
function mustBeForgotten(reader: ReturnType<Tail['open']>): void {
  reader.push = () => assert.fail('It was handed a message')
}

describe('messenger/tail', () => {
  it('gives every reader of a conversation each of its messages, in order', async () => {
    const tail = new Tail()
    const [one, other] = [tail.open(here, undefined), tail.open(here, undefined)]
    for (const n of [1, 2]) tail.push(message(n))
    tail.push(message(3, elsewhere))
    tail.push(message(4))
    tail.close()
    assert.deepEqual(
      [await read(one), await read(other)],
      [
        ['1', '2', '4'],
        ['1', '2', '4']
      ]
    )
  })

  it('ends a reader that is aborted, before or while it reads, and forgets it', async () => {
    const tail = new Tail()
    assert.deepEqual(await read(tail.open(here, AbortSignal.abort())), [])
    const aborter = new AbortController()
    const reader = tail.open(here, aborter.signal)
    const reading = read(reader)
    tail.push(message(1))
    await new Promise((resolve) => setImmediate(resolve))
    aborter.abort()
    assert.deepEqual(await reading, ['1'])
    mustBeForgotten(reader)
    tail.push(message(2))
  })

  it('asks a signal once, however many readers it ends, and no more when they have left', async () => {
    const tail = new Tail()
    const aborter = new AbortController()
    const listeners = (): number => getEventListeners(aborter.signal, 'abort').length
    const readers = Array.from({ length: 12 }, () => tail.open(here, aborter.signal))
    assert.equal(listeners(), 1)
    const [one, ...others] = readers
    one?.end()
    assert.equal(listeners(), 1)
    aborter.abort()
    assert.deepEqual(await Promise.all(others.map(read)), Array(11).fill([]))
    assert.equal(listeners(), 0)
  })

  it('forgets a reader that leaves', async () => {
    const tail = new Tail()
    const reader = tail.open(here, undefined)
    tail.push(message(1))
    for await (const { position } of reader) {
      assert.equal(position, '1')
      break
    }
    mustBeForgotten(reader)
    tail.push(message(2))
  })

  it('gives who comes when it was closed nothing to wait for', async () => {
    const tail = new Tail()
    const aborter = new AbortController()
    tail.close()
    assert.deepEqual(await read(tail.open(here, aborter.signal)), [])
    assert.equal(getEventListeners(aborter.signal, 'abort').length, 0)
  })

  it('ends the readers of one conversation and no others', async () => {
    const tail = new Tail()
    const [one, other] = [tail.open(here, undefined), tail.open(elsewhere, undefined)]
    tail.push(message(1))
    tail.end(here)
    assert.deepEqual(await read(one), ['1'])
    tail.push(message(2, elsewhere))
    tail.close()
    assert.deepEqual(await read(other), ['2'])
  })
})

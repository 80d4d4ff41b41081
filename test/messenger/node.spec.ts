import assert from 'node:assert/strict'
import type { Clock } from '../../src/clock.js'
import { isMessengerError, MessengerError } from '../../src/errors.js'
import { adoptBundle } from '../../src/messenger/contacts/adopt-bundle.js'
import { addContact } from '../../src/messenger/contacts/contacts.js'
import { makeCard } from '../../src/messenger/contacts/own-identity.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { decodeBundle } from '../../src/protocol/prekeys/bundle.js'
import { chainTag } from '../../src/protocol/ratchet/kdf.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import type { Store } from '../../src/storage/store.js'
import { seededSource } from '../../src/simulator/seeded-source.js'
import {
  createBench,
  fillMailboxes,
  friends,
  onlyState,
  type Bench,
  type BenchNode
} from '../support/messenger-bench.js'

describe('messenger/node', () => {
  let bench: Bench

  beforeEach(() => {
    bench = createBench()
  })

  it('can be started again after the network failed to start', async () => {
    const { node, context } = await bench.open('alice', { start: false })
    const { network } = context
    const start = network.start.bind(network)
    network.start = () => Promise.reject(new MessengerError('ADDRESS_IN_USE', 'somebody listens there'))
    await assert.rejects(bench.run(node.start()), { code: 'ADDRESS_IN_USE' })
    assert.equal(context.state.started, false)
    network.start = start
    await bench.run(node.start())
    assert.equal(context.state.started, true)
    await bench.run(node.close())
  })

  it('releases its store even when the network fails to stop', async () => {
    const { node, context } = await bench.open('alice')
    context.network.stop = () => Promise.reject(new Error('it hangs'))
    await assert.rejects(bench.run(node.close()), /it hangs/)
    await assert.rejects(context.store.get('x'), { code: 'CLOSED' })
    await bench.run(node.close())
  })

  it('releases its store even when what was spent cannot be stored', async () => {
    const { node, context } = await bench.open('alice')
    context.budget.save = () => Promise.reject(new MessengerError('STORE_FULL', 'full'))
    await bench.run(node.close())
    await assert.rejects(context.store.get('x'), { code: 'CLOSED' })
  })

  it('does one thing after the other however they are asked for, and nothing after the close', async () => {
    const { node, context } = await bench.open('alice')
    await bench.run(
      Promise.all([node.stop(), node.start(), node.stop(), node.start(), node.close(), node.close()])
    )
    assert.deepEqual([context.state.started, context.state.closed], [false, true])
    await assert.rejects(bench.run(node.start()), { code: 'CLOSED' })
    await bench.clock.advance(1_000)
    assert.equal(bench.clock.pending, 0)
  })

  it('ends an export and an import that hang when it closes, and a sink that goes on is told', async () => {
    const { node, context } = await bench.open('alice')
    const file: Uint8Array[] = []
    await node.exportParcels(async (pieces) => {
      for await (const piece of pieces) file.push(piece)
    })
    let goOn: () => void = () => undefined
    const released = new Promise<void>((resolve) => (goOn = resolve))
    const told: unknown[] = []
    const exporting = node.exportParcels(async (pieces) => {
      const source = pieces[Symbol.asyncIterator]()
      await source.next()
      await released
      await source.next().catch((error: unknown) => told.push(error))
    })
    async function* source(): AsyncGenerator<Uint8Array> {
      yield* file.slice(0, 1)
      await released
    }
    const importing = node.importParcels(source(), { signal: new AbortController().signal })
    const ended = [exporting, importing].map((call) => assert.rejects(call, { code: 'CLOSED' }))
    await bench.run(node.close())
    await bench.run(Promise.all(ended))
    goOn()
    await bench.until(() => told.length > 0)
    assert.ok(isMessengerError(told[0], 'CLOSED'))
    assert.equal(context.state.closed, true)
  })

  it('leaves no timer when it closes, be it while something comes', async () => {
    const timers = new Set<object>()
    const counting: Clock = {
      now: () => bench.clock.now(),
      schedule(delay, wake) {
        const timer = {}
        timers.add(timer)
        const cancel = bench.clock.schedule(delay, () => {
          timers.delete(timer)
          wake()
        })
        return () => {
          timers.delete(timer)
          cancel()
        }
      }
    }
    const { node, context } = await bench.open('alice', { clock: counting })
    const bob = await bench.open('bob')
    const card = await bench.run(makeCard(context, { size: 'full' }))
    const { conversationId } = await bench.run(addContact(bob.context, card))
    const send = bob.context.outbox
    await bench.run(sendMessage(bob.context, conversationId, 'hello'))
    await bench.until(() => context.mailbox.index.size > 0 && send.size === 0)
    // Tags that nobody waited for, with something in the mailbox.
    await bench.run(sendMessage(context, onlyState(context).conversation.id, 'hello'))
    await bench.until(() => context.queue.states.size === 1 && context.outbox.size === 0)
    for (const text of ['how', 'are', 'you'])
      void bench.run(sendMessage(bob.context, conversationId, text)).catch(() => undefined)
    await bench.clock.advance(2)
    await bench.run(node.close())
    assert.equal(timers.size, 0)
  })

  it('says that the store is full, and that it works again', async () => {
    const [alice] = await friends(bench)
    const { context } = alice
    const states: string[] = []
    context.events.addEventListener('storage:update', ({ detail }) => states.push(detail.storage))
    context.onFailure('commit', new MessengerError('STORE_FULL', 'full'))
    context.onFailure('commit', new MessengerError('STORE_FULL', 'full'))
    assert.deepEqual([states, context.state.storage], [['full'], 'full'])
    const { contact } = onlyState(context)
    await bench.run(
      context.queue.run(contact.id, (unit) => {
        if (unit.state !== undefined) unit.state = { ...unit.state }
      })
    )
    assert.deepEqual([states, context.state.storage], [['full', 'ok'], 'ok'])
  })

  it('says that the store works again once it keeps what is of others, though no contact says anything', async () => {
    const store = createMemoryStore()
    const node = await bench.open('alice', { store })
    const { context } = node
    const states: string[] = []
    context.events.addEventListener('storage:update', ({ detail }) => states.push(detail.storage))
    const { commit } = store
    store.commit = () => Promise.reject(new MessengerError('STORE_FULL', 'full'))
    const random = seededSource('others')
    fillMailboxes(bench, [node], random, 1)
    await bench.clock.advance(1_000)
    assert.deepEqual(states, ['full'])
    store.commit = commit
    fillMailboxes(bench, [node], random, 1)
    await bench.clock.advance(10_000)
    assert.deepEqual(states, ['full', 'ok'])
  })

  it('seals at once when a bundle comes in one commit with the step that found it missing', async () => {
    const [{ context }, bob] = [await bench.open('alice'), await bench.open('bob')]
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(addContact(context, await bench.run(makeCard(bob.context))))
    const { contact, conversation } = onlyState(context)
    await bench.run(sendMessage(context, conversation.id, 'hello'))
    await bench.run(context.queue.idle())
    const decoded = decodeBundle(bob.context.own.prekeys.bundle)
    assert.ok(decoded.kind === 'decoded')
    context.sealSoon(contact.id)
    const adopted = context.queue.run(contact.id, async (unit) => {
      await adoptBundle(context, unit, decoded.bundle)
      unit.after(() => context.sealSoon(contact.id))
    })
    await bench.run(adopted)
    await bench.run(context.queue.idle())
    assert.ok(!context.outbox.hasUnsealed(contact.id))
  })

  it('rotates prekeys by itself when the week changes', async () => {
    const { context } = await bench.open('alice')
    const { seq } = context.own.prekeys
    await bench.clock.advance(8 * 24 * 3_600_000)
    assert.ok(context.own.prekeys.seq > seq)
  })

  describe('with a store that it takes long to compute the tags of', () => {
    /** Everything takes time: each contact is one turn of the event loop. */
    function slow(): Clock {
      let late = 0
      return {
        now: () => bench.clock.now() + 10 * late++,
        schedule: (delay, wake) => bench.clock.schedule(delay, wake)
      }
    }

    /** Alice, closed, and the friends she had. */
    async function closedAlice(): Promise<{ readonly store: Store; readonly friends: readonly BenchNode[] }> {
      const memory = createMemoryStore()
      // It outlives each messenger.
      const store: Store = {
        get: (key) => memory.get(key),
        range: (range) => memory.range(range),
        commit: (writes) => memory.commit(writes),
        close: () => Promise.resolve()
      }
      const [alice, bob] = await friends(bench, store)
      const others: BenchNode[] = [bob]
      for (const name of ['carol', 'dora']) {
        const other = await bench.open(name)
        const card = await bench.run(makeCard(alice.context, { size: 'full' }))
        const { conversationId } = await bench.run(addContact(other.context, card))
        await bench.run(sendMessage(other.context, conversationId, 'hello'))
        others.push(other)
      }
      await bench.until(() => others.every(({ context }) => context.outbox.size === 0))
      await bench.run(alice.node.close())
      return { store, friends: others }
    }

    it('is there before they are, and receives what comes meanwhile', async () => {
      const { store, friends: others } = await closedAlice()
      const { node, context } = await bench.open('alice again', { start: false, store, clock: slow() })
      assert.notEqual(context.tags.completion, undefined)
      const unread = (): number[] =>
        [...context.queue.states.values()].map(({ conversation }) => conversation.unread)
      const before = unread()
      assert.equal(before.length, others.length)
      for (const other of others) {
        const { conversation } = onlyState(other.context)
        await bench.run(sendMessage(other.context, conversation.id, 'are you back?'))
      }
      await bench.run(node.start())
      await bench.until(() => others.every((other) => other.context.outbox.size === 0))
      assert.deepEqual(
        unread(),
        before.map((count) => count + 1)
      )
      assert.equal(context.tags.completion, undefined)
      await bench.run(node.close())
    })

    it('closes in the midst of it, and leaves nothing that goes on', async () => {
      const { store } = await closedAlice()
      const { node, context } = await bench.open('alice again', { start: false, store, clock: slow() })
      const completion = context.tags.completion
      assert.notEqual(completion, undefined)
      await bench.run(node.close())
      await completion
      const sessions = [...context.queue.states.values()].flatMap((state) => state.sessions)
      const isComputed = sessions.map(({ nextReceivingHeaderKeys: { tag } }) => {
        return context.tags.find(chainTag(tag, 0)) !== undefined
      })
      assert.deepEqual(isComputed, [true, false, false])
      const { pending } = bench.clock
      await bench.clock.advance(0)
      assert.equal(bench.clock.pending, pending)
    })
  })
})

import assert from 'node:assert/strict'
import { MessengerError } from '../../src/errors.js'
import { createMessenger } from '../../src/messenger/create-messenger.js'
import { createMemoryHub } from '../../src/network/memory-network.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import type { Write } from '../../src/storage/store.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'

const unlock = { kind: 'key', key: new Uint8Array(32).fill(1) } as const

describe('messenger/create-messenger', () => {
  it('needs no options: in memory, without a network until it is started', async () => {
    await using messenger = await createMessenger({ start: false })
    const { started, addresses, contacts, networkName } = await messenger.status()
    assert.deepEqual(
      { started, addresses, contacts, networkName },
      { started: false, addresses: [], contacts: 0, networkName: 'main' }
    )
    assert.equal(messenger.identity.name, '')
  })

  it('closes a store of the caller when it cannot open a messenger on it', async () => {
    const store = createMemoryStore()
    const first = await createMessenger({ store, unlock, start: false })
    await first.close()
    await assert.rejects(store.get('x'), { code: 'CLOSED' })
    const other = createMemoryStore()
    await other.commit([{ type: 'put', key: 'something', value: new Uint8Array(1) }])
    await assert.rejects(createMessenger({ store: other, unlock, start: false }), { code: 'STORE_DAMAGED' })
    await assert.rejects(other.get('x'), { code: 'CLOSED' })
  })

  it('refuses a store without anything to unlock it, and a store beside a path', async () => {
    const store = createMemoryStore()
    await assert.rejects(createMessenger({ store, start: false }), { code: 'OPTIONS_INVALID' })
    await assert.rejects(createMessenger({ store, path: './x', unlock, start: false }), {
      code: 'OPTIONS_INVALID'
    })
  })

  it('goes on when its logger throws, as does what was being told of', async () => {
    const kept = createMemoryStore()
    let isFull = false
    const store = {
      ...{ get: kept.get.bind(kept), range: kept.range.bind(kept), close: kept.close.bind(kept) },
      commit: async (writes: readonly Write[]) => {
        if (isFull) throw new MessengerError('STORE_FULL', 'full')
        await kept.commit(writes)
      }
    }
    let logged = 0
    const fail = (): never => {
      logged++
      throw new Error('no log')
    }
    await using bob = await createMessenger({ start: false })
    await using alice = await createMessenger({
      ...{ store, unlock, start: false },
      logger: { debug: fail, warn: fail }
    })
    const { id } = await alice.contacts.add(await bob.identity.card())
    const conversation = await alice.conversations.direct(id)
    isFull = true
    await assert.rejects(alice.send(conversation.id, 'lost'), { code: 'STORE_FULL' })
    assert.ok(logged > 0)
    isFull = false
    const { status } = await alice.send(conversation.id, 'kept')
    assert.equal(status, 'queued')
  })

  it('closes again when it cannot start', async () => {
    const clock = createVirtualClock()
    const network = createMemoryHub({ clock, seed: 1 }).createNetwork('alice')
    const stop = network.stop.bind(network)
    let stopped = false
    network.start = () => Promise.reject(new Error('no network'))
    network.stop = () => {
      stopped = true
      return stop()
    }
    const store = createMemoryStore()
    await assert.rejects(createMessenger({ store, unlock, network, clock }), /no network/)
    await assert.rejects(store.get('x'), { code: 'CLOSED' })
    assert.equal(clock.pending, 0)
    assert.equal(stopped, false, 'what was not started is not stopped')
  })
})

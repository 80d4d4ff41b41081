import assert from 'node:assert/strict'
import { ContactQueue } from '../../src/messenger/contact-queue.js'
import type { Outgoing } from '../../src/messenger/unit.js'
import { withContact, type PeerState } from '../../src/messenger/peer-state.js'
import { MessengerError } from '../../src/errors.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { Tables } from '../../src/storage/records/tables.js'
import type { Store, Write } from '../../src/storage/store.js'
import { createBench, friends, onlyState } from '../support/messenger-bench.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('messenger/contact-queue', () => {
  let store: Store
  let commits: (readonly Write[])[]
  let fail: Error | undefined
  let changes: (readonly [PeerState | undefined, PeerState | undefined])[]
  let failures: unknown[]
  let events: string[]
  let queue: ContactQueue
  let state: PeerState

  before(async () => {
    const [alice] = await friends(createBench())
    state = onlyState(alice.context)
  })

  beforeEach(() => {
    const memory = createMemoryStore()
    commits = []
    changes = []
    failures = []
    events = []
    fail = undefined
    store = {
      ...memory,
      get: (key) => memory.get(key),
      range: (range) => memory.range(range),
      close: () => memory.close(),
      commit: async (writes) => {
        await Promise.resolve()
        if (fail !== undefined) throw fail
        commits.push(writes)
        await memory.commit(writes)
      }
    }
    queue = new ContactQueue({
      store,
      tables: new Tables((_, id) => id),
      seal: async (unit, outgoing) => {
        await Promise.resolve()
        if (outgoing.some(({ position }) => position === 'unsealable')) throw new Error('Not sealed')
        unit.put('sealed', bytes(outgoing.map(({ position }) => position).join()))
        unit.after(() => events.push('sealed'))
      },
      turnEnd: () => {
        events.push('turn')
        return Promise.resolve()
      },
      onChange: (_, before, after) => {
        changes.push([before, after])
      },
      onCommitFailed: (error) => {
        failures.push(error)
      },
      onEffectFailed: (error) => {
        failures.push(error)
      }
    })
  })

  it('lets steps of one contact share a commit, in their order, each seeing what those before it did', async () => {
    queue.restore(state)
    const contactId = state.contact.id
    const results = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        queue.run(contactId, async (unit) => {
          const before = await unit.get('log')
          unit.put('log', bytes(`${new TextDecoder().decode(before)}${name}`))
          return name
        })
      )
    )
    assert.deepEqual(results, ['a', 'b', 'c'])
    assert.equal(commits.length, 1)
    assert.deepEqual(await store.get('log'), bytes('abc'))
  })

  it('runs what is to follow only after the commit, in order, and before anybody is told', async () => {
    const events: string[] = []
    const contactId = state.contact.id
    const [first, second] = [
      queue.run(contactId, (unit) => {
        unit.put('x', bytes('x'))
        unit.after(() => events.push(`first after ${String(commits.length)} commits`))
      }),
      queue.run(contactId, (unit) => {
        unit.after(() => events.push('second'))
      })
    ]
    await Promise.all([first.then(() => events.push('told')), second])
    assert.deepEqual(events.slice(0, 2), ['first after 1 commits', 'second'])
    assert.equal(events.length, 3)
  })

  it('goes on when something that follows throws, and says so', async () => {
    const followed: string[] = []
    const contactId = state.contact.id
    await queue.run(contactId, (unit) => {
      unit.after(() => {
        throw new Error('a defect')
      })
      unit.after(() => followed.push('the next'))
    })
    await queue.run(contactId, (unit) => {
      unit.after(() => followed.push('the next step'))
    })
    assert.deepEqual(followed, ['the next', 'the next step'])
    assert.equal(failures.length, 1)
  })

  it('forgets a step that throws and keeps the others of the same commit', async () => {
    queue.restore(state)
    const contactId = state.contact.id
    const bad = queue.run(contactId, (unit) => {
      unit.put('bad', bytes('x'))
      unit.state = undefined
      unit.after(() => assert.fail('it must not follow'))
      throw new MessengerError('CONTENT_INVALID', 'no')
    })
    const good = queue.run(contactId, (unit) => {
      assert.equal(unit.state, state)
      unit.put('good', bytes('x'))
    })
    await assert.rejects(bad, { code: 'CONTENT_INVALID' })
    await good
    assert.deepEqual([await store.get('bad'), await store.get('good')], [undefined, bytes('x')])
  })

  it('undoes every step of a commit that fails, and works again after it', async () => {
    queue.restore(state)
    changes = []
    const contactId = state.contact.id
    fail = new MessengerError('STORE_FULL', 'full')
    const steps = [1, 2].map(() =>
      queue.run(contactId, (unit) => {
        if (unit.state !== undefined) unit.state = withContact(unit.state, { givenName: 'changed' })
        unit.after(() => assert.fail('it must not follow'))
      })
    )
    for (const step of steps) await assert.rejects(step, { code: 'STORE_FULL' })
    assert.equal(queue.states.get(contactId), state)
    assert.deepEqual([changes, failures], [[], [fail]])
    fail = undefined
    await queue.run(contactId, (unit) => {
      if (unit.state !== undefined) unit.state = withContact(unit.state, { givenName: 'changed' })
    })
    assert.equal(queue.states.get(contactId)?.contact.givenName, 'changed')
    assert.equal(changes.length, 1)
  })

  it('writes only what changed of a state, and nothing for a step that only reads', async () => {
    queue.restore(state)
    const contactId = state.contact.id
    await queue.run(contactId, () => undefined)
    assert.equal(commits.length, 0)
    await queue.run(contactId, (unit) => {
      if (unit.state !== undefined) unit.state = withContact(unit.state, { verified: true })
    })
    assert.deepEqual(
      commits.map((writes) => writes.map(({ key }) => key)),
      [[`contact/${contactId}`]]
    )
  })

  const outgoing = (position: string): Outgoing => ({
    number: 1,
    position,
    expiryDay: 1,
    priority: 'routine',
    body: bytes(position)
  })

  it('seals what the steps of a commit send together, after the last of them', async () => {
    queue.restore(state)
    const { id } = state.contact
    const failed = queue.run(id, (unit) => {
      unit.send(outgoing('never'))
      throw new Error('No')
    })
    const sent = ['a', 'b'].map((name) =>
      queue.run(id, (unit) => {
        unit.send(outgoing(name))
        unit.after(() => events.push(name))
      })
    )
    await assert.rejects(failed, /No/)
    await Promise.all(sent)
    assert.deepEqual(await store.get('sealed'), bytes('a,b'))
    assert.equal(commits.length, 1)
    assert.deepEqual(events, ['a', 'b', 'sealed'])
  })

  it('undoes every step of a commit whose messages cannot be sealed', async () => {
    queue.restore(state)
    const { id } = state.contact
    const put = queue.run(id, (unit) => {
      unit.put('log', bytes('x'))
    })
    const sent = queue.run(id, (unit) => {
      unit.send(outgoing('unsealable'))
    })
    await Promise.all([assert.rejects(put, /Not sealed/), assert.rejects(sent, /Not sealed/)])
    assert.deepEqual([await store.get('log'), commits.length, failures.length], [undefined, 0, 1])
  })

  it('sends nothing to a contact that a later step of the commit takes away', async () => {
    queue.restore(state)
    const { id } = state.contact
    const sent = queue.run(id, (unit) => {
      unit.send(outgoing('a'))
    })
    const removed = queue.run(id, (unit) => {
      unit.state = undefined
    })
    await Promise.all([sent, removed])
    assert.equal(await store.get('sealed'), undefined)
  })

  it('leaves the event loop a turn between two commits of a long queue', async () => {
    queue.restore(state)
    const { id } = state.contact
    const steps = Array.from({ length: 300 }, () => queue.run(id, (unit) => unit.put('log', bytes('x'))))
    await Promise.all(steps)
    assert.deepEqual([commits.length, events], [3, ['turn', 'turn']])
  })

  it('forgets a state that a step took away', async () => {
    queue.restore(state)
    await queue.run(state.contact.id, (unit) => {
      unit.state = undefined
    })
    assert.equal(queue.states.size, 0)
  })

  it('resolves idle when nothing is under way, however the steps end', async () => {
    const contactId = state.contact.id
    let done = 0
    const steps = Array.from({ length: 600 }, (_, n) =>
      queue.run(contactId, async (unit) => {
        await Promise.resolve()
        unit.put(`k${String(n)}`, bytes('x'))
        done++
        if (n % 7 === 0) throw new Error('some fail')
      })
    )
    const settled = Promise.allSettled(steps)
    await queue.idle()
    assert.equal(done, 600)
    await settled
    assert.ok(commits.length >= 3 && commits.length < 20, `${String(commits.length)} commits`)
  })
})

import assert from 'node:assert/strict'
import { MessengerError } from '../../src/errors.js'
import { withContact } from '../../src/messenger/peer-state.js'
import { renewStuck } from '../../src/messenger/renew-stuck.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import type { Store } from '../../src/storage/store.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../support/messenger-bench.js'

describe('messenger/renew-stuck', () => {
  let bench: Bench
  let alice: BenchNode
  let store: Store

  beforeEach(async () => {
    bench = createBench()
    store = createMemoryStore()
    ;[alice] = await friends(bench, store)
    await bench.clock.advance(2 * DAY_MS)
    await invite()
  })

  /** A card of Bob's, so that no session costs a proof of work. */
  async function invite(): Promise<void> {
    const held = { secret: new Uint8Array(32).fill(1), notAfter: bench.clock.now() + 30 * DAY_MS, count: 0 }
    await step(bench, alice.context, onlyState(alice.context).contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = withContact(unit.state, { invite: held })
    })
  }

  const sessions = (): number => onlyState(alice.context).sessions.length

  /** A message that was published so often without a receipt. */
  async function inVain(attempts: number): Promise<void> {
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'do you hear me?'))
    for (const entry of alice.context.outbox.all()) {
      entry.transmission = { attempts, lastAt: bench.clock.now(), nextAt: Infinity }
    }
  }

  it('begins another session with somebody who is there and acknowledges nothing', async () => {
    await inVain(5)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 1, 'patience')
    await inVain(6)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 2)
    await bench.run(renewStuck(alice.context))
    const { opening } = onlyState(alice.context).sessions.at(-1) ?? {}
    assert.ok(opening?.invite !== undefined, 'with the invite of another card')
    await inVain(5)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 2, 'the new one is not answered yet')
    await inVain(6)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 3, 'somebody else may have used that card')
    await inVain(40)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 3, 'once for each card')
    assert.equal(onlyState(alice.context).sessions.at(-1)?.opening?.invite, undefined)
  })

  it('begins one with whom it began the last by a clock that was ahead', async () => {
    const ahead = bench.clock.now() + 300 * DAY_MS
    await step(bench, alice.context, onlyState(alice.context).contact.id, (unit) => {
      if (unit.state === undefined) return
      const dated = unit.state.sessions.map((session) => ({ ...session, createdAt: ahead }))
      unit.state = { ...unit.state, sessions: dated }
    })
    await inVain(6)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 2)
  })

  it('goes on to the next contact where another session cannot be stored, and says so', async () => {
    await inVain(6)
    const { commit } = store
    store.commit = () => Promise.reject(new MessengerError('STORE_FAILED', 'no disk'))
    await bench.run(renewStuck(alice.context))
    store.commit = commit
    assert.equal(sessions(), 1)
    assert.ok(alice.warnings.some((warning) => warning.includes('"renew"')))
  })

  it('waits longer for somebody of whom nobody knows whether it is there', async () => {
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(120_000)
    await inVain(20)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 1)
    await inVain(40)
    await bench.run(renewStuck(alice.context))
    assert.equal(sessions(), 2)
  })

  it('does so once a day at most, and three times a week', async () => {
    // Its own maintenance would do so as well, and nobody would count that.
    await bench.run(alice.node.stop())
    const { contact } = onlyState(alice.context)
    let begun = 0
    for (let day = 0; day < 7; day++) {
      for (let time = 0; time < 3; time++) {
        await invite()
        const before = sessions()
        await inVain(40)
        await bench.run(renewStuck(alice.context))
        if (sessions() > before) begun++
        // As if each were answered at once and lost again.
        await step(bench, alice.context, contact.id, (unit) => {
          if (unit.state === undefined) return
          const answered = unit.state.sessions.map(({ opening: _answered, ...session }) => session)
          unit.state = { ...unit.state, sessions: answered }
        })
      }
      await bench.clock.advance(DAY_MS)
    }
    assert.ok(begun >= 2 && begun <= 3, `${String(begun)} in a week`)
  })
})

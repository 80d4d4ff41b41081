import assert from 'node:assert/strict'
import { withSession } from '../../src/messenger/peer-state.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { sealDirect } from '../../src/protocol/envelope/direct.js'
import { DAY_MS, PQ_EPOCH_INTERVAL } from '../../src/protocol/limits.js'
import { appendPiece } from '../../src/protocol/message/payload.js'
import type { Session } from '../../src/protocol/ratchet/session.js'
import { sessionRecord } from '../../src/storage/records/session-record.js'
import { keysUnder } from '../../src/storage/records/tables.js'
import { openSealedStore } from '../../src/storage/sealed-store.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../support/messenger-bench.js'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { PERSON_KEY, type Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { HELLO_DAY } from '../support/protocol-hello.js'
import { payloadOf } from '../support/protocol-pq.js'
import { expectKind, must, seeded } from '../support/protocol-values.js'

/** The one session in somebody's store, as a thief with its key finds it. */
async function sessionOf(world: World, person: Person): Promise<Session> {
  const unlock = { kind: 'key', key: PERSON_KEY } as const
  const store = await openSealedStore(await person.backup(), { unlock, random: world.random('thief') })
  const sessions: Session[] = []
  for await (const [, bytes] of store.range(keysUnder('session/'))) sessions.push(sessionRecord.decode(bytes))
  assert.equal(sessions.length, 1)
  return must(sessions[0])
}

function epochOf({ pq }: Session): number {
  return must(pq).agreed?.epoch ?? 0
}

async function epochs(world: World, ...people: readonly Person[]): Promise<number[]> {
  return await Promise.all(people.map(async (person) => epochOf(await sessionOf(world, person))))
}

describe('the post-quantum ratchet of whole messengers', () => {
  it('comes to epoch after epoch in a conversation of short messages, through losses and restarts', async () => {
    await inWorld({ seed: 901, loss: 0.15, duplication: 0.1, reordering: 0.3 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      assert.deepEqual(await epochs(world, alice, bob), [0, 0])
      const said: string[] = []
      for (let round = 0; Math.min(...(await epochs(world, alice, bob))) < 4; round += 1) {
        assert.ok(round < 40, `${String(await epochs(world, alice, bob))} after ${String(round)} rounds`)
        for (let n = 0; n < 10; n += 1) {
          const [one, other] = [await alice.say(bob, `a ${String(said.length)}`), await bob.say(alice, 'b')]
          said.push(one.id, other.id)
          await world.pass(300)
        }
        if (round % 2 === 0) await alice.restart()
        else {
          await bob.crash()
          await bob.open()
        }
      }
      await world.eventually('delivered', async () => {
        const all = [...(await alice.history(bob)), ...(await bob.history(alice))]
        return all.filter(({ own }) => own).every(({ status }) => status === 'delivered')
      })
      await assertSameHistory(alice, bob)
      assertNoKeyTwice(world.published)
      assert.deepEqual([alice.warnings, bob.warnings], [[], []])
    })
  })

  it('comes to an epoch a week where little is said', async () => {
    await inWorld({ seed: 902 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      for (let week = 1; week <= 4; week += 1) {
        await world.pass(PQ_EPOCH_INTERVAL)
        for (let n = 0; n < 8; n += 1) {
          const sent = await (n % 2 === 0 ? alice.say(bob, 'Moin') : bob.say(alice, 'Moin'))
          await world.until(() => alice.statusOf(sent) === 'delivered' || bob.statusOf(sent) === 'delivered')
          await world.pass(DAY_MS / 8)
        }
        assert.deepEqual(await epochs(world, alice, bob), [week, week])
      }
    })
  })
})

describe('the post-quantum ratchet in the envelopes of a messenger', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode

  async function change({ context }: BenchNode, to: (session: Session) => Session): Promise<void> {
    await step(bench, context, onlyState(context).contact.id, (unit) => {
      for (const session of unit.state?.sessions ?? [])
        unit.state = withSession(must(unit.state), to(session))
    })
  }

  async function say({ context }: BenchNode, ...texts: string[]): Promise<void> {
    const { id } = onlyState(context).conversation
    await bench.run(Promise.all(texts.map((text) => sendMessage(context, id, text))))
  }

  const pq = ({ context }: BenchNode): Session['pq'] => onlyState(context).sessions[0]?.pq

  async function begin(): Promise<void> {
    bench = createBench(31)
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(5_000)
  }

  it('leaves their number and every size as they are without', async () => {
    const sizes: number[][] = []
    for (const isOn of [true, false]) {
      await begin()
      bench.hub.partition([['alice'], ['bob']])
      // Bob began the session, so the first offer is his.
      await change(bob, ({ pq: ratchet, ...session }) =>
        isOn ? { ...session, pq: { ...must(ratchet), messages: 50 } } : session
      )
      const from = bob.published.length
      for (const length of [1, 20, 300, 330, 340, 350, 360, 400, 900, 3_000])
        await say(bob, 'x'.repeat(length))
      await say(bob, ...Array.from({ length: 20 }, (_, n) => `together ${String(n)}`))
      sizes.push(bob.published.slice(from).map(({ length }) => length))
      assert.equal(pq(bob)?.exchange?.kind, isOn ? 'offering' : undefined)
    }
    assert.ok(must(sizes[0]).length >= 11)
    assert.deepEqual(sizes[0], sizes[1])
  })

  it('comes to an epoch by messages that travel together and by receipts', async () => {
    await begin()
    await change(bob, (session) => ({ ...session, pq: { ...must(session.pq), messages: 50 } }))
    for (let round = 0; round < 12; round += 1) {
      await say(bob, 'one', 'two', 'three')
      await bench.until(() => bob.context.outbox.size === 0)
    }
    assert.equal(pq(bob)?.agreed?.epoch, 1)
    assert.deepEqual(pq(alice)?.agreed, pq(bob)?.agreed)
  })

  it('is not disturbed by a hostile piece, which is told of while its message is taken', async () => {
    await begin()
    const refused: string[] = []
    alice.context.events.addEventListener('envelope:reject', ({ detail }) => refused.push(detail.reason))
    const before = must(pq(alice))
    const state = onlyState(bob.context)
    const payload = appendPiece(payloadOf('with a bad piece'), new Uint8Array(9))
    const sealed = expectKind(sealDirect(must(state.sessions[0]), payload, HELLO_DAY, seeded(5)), 'sealed')
    const unread = onlyState(alice.context).conversation.unread
    await change(bob, () => sealed.session)
    bob.context.publishOnce(sealed.envelope, 'routine')
    await bench.until(() => onlyState(alice.context).conversation.unread === unread + 1)
    assert.deepEqual(refused, ['malformed-piece'])
    assert.deepEqual(pq(alice), { ...before, messages: before.messages + 1 })
  })
})

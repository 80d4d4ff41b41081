import assert from 'node:assert/strict'
import { addContact } from '../../../src/messenger/contacts/contacts.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import { withContact, withConversation, withSession } from '../../../src/messenger/peer-state.js'
import {
  ensureSession,
  receiptsOf,
  renewSession,
  sealPayload,
  sendingSession,
  trimSessions,
  usableBundle,
  usableInvite
} from '../../../src/messenger/send/seal.js'
import {
  CLOCK_TOLERANCE_DAYS,
  DAY_MS,
  HANDSHAKE_LIFETIME,
  MAX_INVITED_HELLOS,
  MAX_RECEIPT_RANGES,
  MAX_SESSIONS_PER_CONTACT
} from '../../../src/protocol/limits.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'

describe('messenger/seal', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    for (const { node } of [alice, bob]) await bench.run(node.stop())
  })

  it('uses a bundle only while an answer to it can be opened', () => {
    const state = onlyState(alice.context)
    const now = bench.clock.now()
    assert.ok(usableBundle(state, now) !== undefined)
    assert.ok(usableBundle(state, now + 50 * DAY_MS) !== undefined, 'stale, but not useless')
    assert.equal(usableBundle(state, now + 120 * DAY_MS), undefined)
    const outlived = withContact(state, {
      seq: state.contact.seq + 1,
      incarnation: new Uint8Array(16).fill(1)
    })
    assert.equal(usableBundle(outlived, now), undefined)
  })

  it('uses the invite of a card as long as the card counts and its owner knows its tags', () => {
    const invite = { secret: new Uint8Array(32), notAfter: bench.clock.now(), count: MAX_INVITED_HELLOS - 1 }
    const state = withContact(onlyState(alice.context), { invite })
    const last = invite.notAfter + CLOCK_TOLERANCE_DAYS * DAY_MS
    assert.equal(usableInvite(state, last), invite)
    assert.equal(usableInvite(state, last + 1), undefined)
    const used = withContact(state, { invite: { ...invite, count: MAX_INVITED_HELLOS } })
    assert.equal(usableInvite(used, last), undefined)
  })

  it('keeps to one session, and begins another when nobody answered in its time', async () => {
    const carol = await bench.open('carol', { start: false })
    const card = await bench.run(makeCard(carol.context, { size: 'full' }))
    const { id } = await bench.run(addContact(alice.context, card))
    const session = await step(bench, alice.context, id, (unit) => ensureSession(alice.context, unit))
    assert.ok(session?.opening !== undefined)
    assert.equal(
      (await step(bench, alice.context, id, (unit) => ensureSession(alice.context, unit)))?.id,
      session.id
    )
    const state = alice.context.queue.states.get(id)
    assert.ok(state !== undefined)
    const late = session.createdAt + HANDSHAKE_LIFETIME + 1
    assert.equal(sendingSession(alice.context, state, late), undefined)
  })

  it('leaves a stale session for another once there is a fresh bundle, and one that waits for its answer alone', async () => {
    const { contact, sessions } = onlyState(alice.context)
    const ensure = async (): Promise<Session | undefined> =>
      await step(bench, alice.context, contact.id, (unit) => ensureSession(alice.context, unit))
    await step(bench, alice.context, contact.id, (unit) => {
      const [session] = sessions
      if (unit.state === undefined || session === undefined) return
      const { bundle: _lost, ...withoutBundle } = unit.state.contact
      unit.state = { ...withSession(unit.state, { ...session, stale: true }), contact: withoutBundle }
    })
    assert.equal((await ensure())?.stale, true)
    await step(bench, alice.context, contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = { ...unit.state, contact }
    })
    const fresh = await ensure()
    assert.equal(fresh?.stale, false)
    assert.deepEqual((await ensure())?.id, fresh.id)
  })

  it('puts another session above the one in use when asked', async () => {
    const { contact, sessions } = onlyState(alice.context)
    const isRenewed = await step(bench, alice.context, contact.id, (unit) =>
      renewSession(alice.context, unit)
    )
    assert.equal(isRenewed, true)
    const after = onlyState(alice.context)
    assert.equal(after.sessions.length, sessions.length + 1)
    const used = sendingSession(alice.context, after, bench.clock.now())
    assert.ok((used?.generation ?? 0) > (sessions[0]?.generation ?? 0))
    await step(bench, alice.context, contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = withContact(unit.state, { blocked: true })
    })
    assert.equal(
      await step(bench, alice.context, contact.id, (unit) => renewSession(alice.context, unit)),
      false
    )
  })

  it('lets the oldest sessions go, never the one in use', () => {
    const state = onlyState(alice.context)
    const [session] = state.sessions
    assert.ok(session !== undefined)
    let crowded = state
    for (let n = 1; n <= MAX_SESSIONS_PER_CONTACT + 3; n++) {
      crowded = withSession(crowded, {
        ...session,
        id: new Uint8Array(32).fill(n),
        createdAt: session.createdAt + n
      })
    }
    const kept = trimSessions(crowded, session).sessions
    assert.equal(kept.length, MAX_SESSIONS_PER_CONTACT)
    assert.ok(kept.includes(session))
    assert.equal(kept.at(-1)?.createdAt, session.createdAt + MAX_SESSIONS_PER_CONTACT + 3)
  })

  it('never seals two payloads under one key, and moves nothing before the commit', async () => {
    const { contact } = onlyState(alice.context)
    const before = onlyState(alice.context)
    await assert.rejects(
      step(bench, alice.context, contact.id, async (unit) => {
        await sealPayload(alice.context, unit, [], 20_500)
        throw new Error('it comes to nothing')
      })
    )
    assert.equal(onlyState(alice.context), before)
    const tags = new Set<string>()
    for (let n = 0; n < 10; n++) {
      const envelope = await step(bench, alice.context, contact.id, (unit) =>
        sealPayload(alice.context, unit, [], 20_500)
      )
      assert.ok(envelope !== undefined)
      tags.add(Buffer.from(envelope.subarray(4, 20)).toString('hex'))
    }
    assert.equal(tags.size, 10)
  })

  it('acknowledges the newest of many gaps', () => {
    const state = onlyState(alice.context)
    const received = Array.from({ length: 200 }, (_, n) => [3 * n, 1] as const)
    const streams = [{ stream: new Uint8Array(8), received, read: [] }]
    const [receipt] = receiptsOf(withConversation(state, { streams }).conversation)
    assert.equal(receipt?.delivered.length, 2 * MAX_RECEIPT_RANGES)
    assert.deepEqual(receipt.delivered.slice(-2), [597, 1])
  })
})

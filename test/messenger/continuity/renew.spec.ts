import assert from 'node:assert/strict'
import { compareBytes } from '../../../src/protocol/compare-bytes.js'
import { updateContinuity } from '../../../src/messenger/continuity/continuity.js'
import { greetAfterLoss, renewIdentity } from '../../../src/messenger/continuity/renew.js'
import { addContact } from '../../../src/messenger/contacts/contacts.js'
import { makeCard, renameOwn, rotatePrekeys } from '../../../src/messenger/contacts/own-identity.js'
import { sendingSession } from '../../../src/messenger/send/seal.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { parseBundle } from '../../../src/protocol/prekeys/bundle.js'
import { continuityRecord } from '../../../src/storage/records/continuity-record.js'
import { ownRecord } from '../../../src/storage/records/own-record.js'
import { outboxRecord } from '../../../src/storage/records/outbox-record.js'
import { withUsedInvite } from '../../../src/messenger/peer-state.js'
import { textOf } from '../../../src/simulator/person.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'

describe('messenger/renew', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    // An invite, so that no session costs a proof of work.
    await bench.run(addContact(alice.context, await bench.run(makeCard(bob.context))))
  })

  it('takes an incarnation, prekeys and numbers that no copy has, in one commit', async () => {
    const { context } = alice
    const before = { ...context.own }
    const { nextNumber } = onlyState(context).conversation
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(renewIdentity(context, 'asked'))
    const { own } = context
    assert.notDeepEqual(own.record.identity.incarnation, before.record.identity.incarnation)
    assert.deepEqual(own.record.identity.signing, before.record.identity.signing)
    assert.ok(own.prekeys.seq > before.prekeys.seq)
    const [old, fresh] = [parseBundle(before.prekeys.bundle), parseBundle(own.prekeys.bundle)]
    assert.ok(old.kind === 'decoded' && fresh.kind === 'decoded')
    const known = new Set([...old.bundle.signedPrekeys, old.bundle.kemPrekey].map(String))
    for (const key of [...fresh.bundle.signedPrekeys, fresh.bundle.kemPrekey])
      assert.ok(!known.has(String(key)))
    assert.ok(onlyState(context).conversation.nextNumber > nextNumber + 2 ** 31)
    assert.deepEqual(own.continuity.former, [before.record.identity.incarnation])
    assert.equal(own.continuity.firstSeq, own.prekeys.seq)
    assert.deepEqual(own.continuity.renewals, [{ at: Math.floor(bench.clock.now()), reason: 'asked' }])
    const [storedOwn, storedContinuity] = await Promise.all([
      context.store.get(context.tables.own),
      context.store.get(context.tables.continuity)
    ])
    assert.ok(storedOwn !== undefined && storedContinuity !== undefined)
    assert.deepEqual(ownRecord.decode(storedOwn), own.record)
    assert.deepEqual(continuityRecord.decode(storedContinuity), own.continuity)
  })

  it('begins above what somebody else has issued, and is one renewal when asked for twice', async () => {
    const { context } = alice
    const seq = context.own.prekeys.seq + 1_000_000
    let events = 0
    context.events.addEventListener('identity:copy', () => events++)
    await bench.run(
      Promise.all([
        renewIdentity(context, 'bundle', seq),
        renewIdentity(context, 'asked'),
        rotatePrekeys(context)
      ])
    )
    assert.ok(context.own.prekeys.seq > seq)
    assert.equal(context.own.continuity.renewals.length, 1)
    assert.equal(events, 1)
    const issued = context.own.prekeys.issued.map((bundle) => bundle.seq)
    assert.equal(new Set(issued).size, issued.length)
  })

  it('keeps what else is noted of the store while it is stored, and is not taken back by it', async () => {
    const { own, store, tables } = alice.context
    const before = own.record.identity.incarnation
    const commit = store.commit.bind(store)
    let marking: Promise<void> | undefined
    store.commit = async (writes) => {
      const done = commit(writes)
      if (writes.some(({ key }) => key === tables.own))
        marking ??= updateContinuity(alice.context, { pending: 'mark' })
      await done
    }
    await bench.run(renewIdentity(alice.context, 'asked'))
    assert.ok(marking !== undefined)
    await bench.run(marking)
    const stored = await store.get(tables.continuity)
    assert.ok(stored !== undefined)
    assert.deepEqual(continuityRecord.decode(stored), own.continuity)
    assert.deepEqual([own.continuity.former, own.continuity.pending], [[before], 'mark'])
  })

  it('stays due when it cannot be stored', async () => {
    const { own, store, tables } = alice.context
    const before = { ...own }
    const commit = store.commit.bind(store)
    store.commit = async (writes) => {
      if (writes.some(({ key }) => key === tables.own)) throw new Error('The disk is full')
      await commit(writes)
    }
    await assert.rejects(bench.run(renewIdentity(alice.context, 'asked')), /full/)
    assert.deepEqual(own.record, before.record)
    assert.deepEqual(own.continuity, { ...before.continuity, due: 'asked' })
  })

  for (const moment of ['before', 'after'] as const) {
    it(`keeps a name that is given just ${moment} it is stored, and is not taken back by it`, async () => {
      const { own, store, tables } = alice.context
      const before = own.record.identity.incarnation
      const commit = store.commit.bind(store)
      let naming: Promise<void> | undefined
      store.commit = async (writes) => {
        if (moment === 'after') await commit(writes)
        if (writes.some(({ key }) => key === tables.own)) naming ??= renameOwn(alice.context, 'Alicia')
        if (moment === 'before') await commit(writes)
      }
      await bench.run(renewIdentity(alice.context, 'asked'))
      await naming
      const stored = await store.get(tables.own)
      assert.ok(stored !== undefined)
      assert.deepEqual(ownRecord.decode(stored), own.record)
      assert.equal(own.record.name, 'Alicia')
      assert.notDeepEqual(own.record.identity.incarnation, before)
      const issued = parseBundle(own.prekeys.bundle)
      assert.ok(issued.kind === 'decoded')
      assert.deepEqual(issued.bundle.incarnation, own.record.identity.incarnation)
    })
  }

  it('seals nothing from its first moment on with what a copy may hold', async () => {
    const { context } = alice
    const { conversation, contact } = onlyState(context)
    const renewal = renewIdentity(context, 'asked')
    assert.equal(sendingSession(context, onlyState(context), bench.clock.now()), undefined)
    const sent = sendMessage(context, conversation.id, 'meanwhile')
    await bench.run(Promise.all([renewal, sent]))
    await bench.until(() => context.outbox.messagesTo(contact.id) === 0)
    const { incarnation } = context.own.record.identity
    const sessions = onlyState(context).sessions.filter(
      (session) => compareBytes(session.ownIncarnation, incarnation) === 0
    )
    assert.equal(sessions.length, 1)
    assert.deepEqual(onlyState(bob.context).contact.incarnation, incarnation)
  })

  it('keeps old sessions, which only receive', async () => {
    const { context } = alice
    const old = onlyState(context).sessions
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(renewIdentity(context, 'asked'))
    assert.deepEqual(onlyState(context).sessions.slice(0, old.length), old)
    const session = sendingSession(context, onlyState(context), bench.clock.now())
    assert.ok(old.every(({ id }) => id !== session?.id))
  })

  it('takes the envelopes from what waits, and keeps numbers and bodies', async () => {
    const { context } = alice
    const { conversation, contact } = onlyState(context)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(context, conversation.id, 'waits'))
    const [number] = context.outbox.of(contact.id).keys()
    assert.ok(number !== undefined)
    const key = context.tables.outbox(contact.id, number)
    const stored = async (): Promise<ReturnType<typeof outboxRecord.decode>> =>
      outboxRecord.decode(must(await context.store.get(key)))
    const before = await stored()
    await bench.run(renewIdentity(context, 'asked'))
    await bench.until(() => !context.outbox.hasUnsealed(contact.id))
    const after = await stored()
    assert.deepEqual({ ...after, envelope: undefined }, { ...before, envelope: undefined })
    assert.notDeepEqual(after.envelope, before.envelope)
  })

  it('uses no one-time key and no tag of an invite that the copy may have used', async () => {
    const { context } = alice
    const { contact } = onlyState(context)
    const invite = {
      secret: new Uint8Array(32).fill(1),
      oneTimeKey: new Uint8Array(32).fill(2),
      notAfter: bench.clock.now() + 1e9,
      count: 3
    }
    await step(bench, context, contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = { ...unit.state, contact: { ...unit.state.contact, invite } }
    })
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(renewIdentity(context, 'asked'))
    const kept = onlyState(context).contact.invite
    assert.equal(kept?.oneTimeKey, undefined)
    assert.ok((kept?.count ?? 0) >= 32)
  })

  it('is found by who was away for one renewal after another, by the one hello that a session of the open lane has', async () => {
    const { id } = onlyState(alice.context).conversation
    await step(bench, alice.context, onlyState(alice.context).contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = withUsedInvite(unit.state)
    })
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(alice.context, id, 'before'))
    for (let time = 0; time < 2; time++) {
      await bench.run(renewIdentity(alice.context, 'asked'))
      await bench.clock.advance(1_000)
    }
    await bench.run(sendMessage(alice.context, id, 'after'))
    const received: string[] = []
    bob.context.events.addEventListener('message:receive', ({ detail }) => received.push(textOf(detail)))
    bench.hub.heal()
    await bench.until(() => alice.context.outbox.size === 0, 600_000)
    assert.deepEqual(received, ['before', 'after'])
  })

  it('greets nobody who can be written to, and nobody twice', async () => {
    const { context } = alice
    const { contact } = onlyState(context)
    greetAfterLoss(context)
    await bench.clock.advance(100)
    assert.equal(context.outbox.size, 0)
    await step(bench, context, contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = { ...unit.state, sessions: [] }
    })
    bench.hub.partition([['alice'], ['bob']])
    greetAfterLoss(context)
    await bench.until(() => context.outbox.size === 1)
    greetAfterLoss(context)
    await bench.clock.advance(100)
    assert.equal(context.outbox.size, 1)
  })
})

function must<T>(value: T | undefined): T {
  assert.ok(value !== undefined)
  return value
}

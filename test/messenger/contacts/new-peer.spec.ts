import assert from 'node:assert/strict'
import { Draft, Unit } from '../../../src/messenger/unit.js'
import { newPeer } from '../../../src/messenger/contacts/new-peer.js'
import { publicIdentity } from '../../../src/protocol/identity/identity.js'
import { forgottenRecord } from '../../../src/storage/records/forgotten-record.js'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import { createBench, friends, onlyState } from '../../support/messenger-bench.js'

describe('messenger/new-peer', () => {
  const unitOver = (store: ConstructorParameters<typeof Unit>[0]): Unit =>
    new Unit(store, new Draft(undefined))

  it('begins with nothing known, and with numbers anywhere', async () => {
    const bench = createBench()
    const [alice, bob] = [await bench.open('alice'), await bench.open('bob')]
    const identity = publicIdentity(bob.context.own.record.identity)
    const one = await newPeer(alice.context, unitOver(alice.context.store), identity, 'card')
    const other = await newPeer(alice.context, unitOver(alice.context.store), identity, 'hello')
    assert.equal(one.contact.id, bob.context.ownId)
    assert.deepEqual([one.contact.accepted, other.contact.accepted], [true, false])
    assert.deepEqual([one.contact.generation, one.sessions, one.conversation.unread], [0, [], 0])
    assert.equal(one.conversation.id, other.conversation.id)
    assert.notEqual(one.conversation.nextNumber, other.conversation.nextNumber)
  })

  it('begins above every session and number there was, of somebody forgotten or whose record is lost', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const { contact, sessions } = onlyState(alice.context)
    const [session] = sessions
    assert.ok(session !== undefined)
    const { store, tables } = alice.context
    await store.commit([
      {
        type: 'put',
        key: tables.session(contact.id, session.id),
        value: sessionRecord.encode({ ...session, generation: 41 })
      }
    ])
    const met = await newPeer(alice.context, unitOver(store), contact, 'card')
    assert.equal(met.contact.generation, 41)
    const invite = { secret: new Uint8Array(32).fill(5), notAfter: 1, count: 9 }
    const value = forgottenRecord.encode({ generation: 77, invite, nextNumber: 2 ** 40 })
    await store.commit([{ type: 'put', key: tables.forgotten(contact.id), value }])
    const { contact: again, conversation } = await newPeer(alice.context, unitOver(store), contact, 'card')
    assert.deepEqual([again.generation, again.invite], [77, invite])
    assert.ok(conversation.nextNumber >= 2 ** 40)
  })
})

import assert from 'node:assert/strict'
import {
  acceptChange,
  addContact,
  changeContact,
  checkName,
  contactSafetyNumber,
  removeContact,
  stateOf
} from '../../../src/messenger/contacts/contacts.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import { withContact } from '../../../src/messenger/peer-state.js'
import { toContact } from '../../../src/messenger/status.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { encodeCard } from '../../../src/protocol/identity/card.js'
import { encodeCardLink } from '../../../src/protocol/identity/card-link.js'
import { MAX_INVITED_HELLOS } from '../../../src/protocol/limits.js'
import { forgottenRecord } from '../../../src/storage/records/forgotten-record.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'

describe('messenger/contacts', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
  })

  it('keeps names as they are shown, and refuses those that are too long or broken', () => {
    assert.equal(checkName('  Bob \n'), 'Bob')
    assert.equal(checkName('x'.repeat(64)), 'x'.repeat(64))
    const refused: readonly (readonly [name: unknown, why: RegExp])[] = [
      ['x'.repeat(65), /64 bytes/],
      ['ä'.repeat(33), /64 bytes/],
      ['\ud800', /surrogate/],
      [undefined, /is a text/],
      [null, /is a text/],
      [7, /is a text/]
    ]
    for (const [name, message] of refused) {
      assert.throws(() => checkName(name), { code: 'OPTIONS_INVALID', message })
    }
  })

  it('prefers the name given here to the one on a card', async () => {
    const card = await makeCard(bob.context)
    assert.equal((await bench.run(addContact(alice.context, card))).name, 'bob')
    assert.equal((await bench.run(addContact(alice.context, card, { name: 'Robert' }))).name, 'Robert')
    assert.equal((await bench.run(addContact(alice.context, card))).name, 'Robert')
    const { id } = onlyState(alice.context).contact
    assert.equal((await bench.run(changeContact(alice.context, id, () => ({ givenName: '' })))).name, 'bob')
  })

  it('adds who is removed at the same moment, and says so', async () => {
    const card = await makeCard(bob.context)
    const { id } = onlyState(alice.context).contact
    const both = Promise.all([addContact(alice.context, card), removeContact(alice.context, id)])
    const [{ name }] = await bench.run(both)
    assert.equal(name, 'bob')
    assert.equal(alice.context.queue.states.size, 0)
  })

  it('does not begin the hellos of one card twice', async () => {
    const dora = await bench.open('dora', { start: false })
    const card = await makeCard(dora.context, { size: 'full' })
    const { id } = await bench.run(addContact(alice.context, card))
    const before = stateOf(alice.context, id).contact.invite?.count ?? 0
    assert.ok(before > 0, 'we introduce ourselves')
    await bench.run(addContact(alice.context, card))
    assert.ok((stateOf(alice.context, id).contact.invite?.count ?? 0) >= before)
    assert.equal(stateOf(alice.context, id).sessions.length, 1)
  })

  it('uses the invite of a card no more once its owner has answered, until there is another', async () => {
    const carol = await bench.open('carol')
    const card = await bench.run(makeCard(carol.context, { size: 'full' }))
    const { id } = await bench.run(addContact(alice.context, card))
    await bench.until(() => toContact(alice.context, stateOf(alice.context, id)).session === 'established')
    const used = stateOf(alice.context, id).contact.invite
    assert.deepEqual([used?.count, used?.oneTimeKey], [MAX_INVITED_HELLOS, undefined])
    await bench.run(addContact(alice.context, card))
    assert.deepEqual(stateOf(alice.context, id).contact.invite, used)
    const another = await bench.run(makeCard(carol.context, { size: 'full' }))
    await bench.run(addContact(alice.context, another))
    const renewed = stateOf(alice.context, id).contact.invite
    assert.ok(renewed !== undefined && renewed.count < MAX_INVITED_HELLOS, 'another card begins anew')
    const { store, tables } = alice.context
    await bench.run(removeContact(alice.context, id))
    const forgotten = await store.get(tables.forgotten(id))
    assert.equal(forgotten && forgottenRecord.decode(forgotten).invite, undefined, 'it was never used')
  })

  it('takes a card with other keys of somebody known for a change, not for the truth', async () => {
    const own = bob.context.own.record.identity
    const notAfter = bench.clock.now() + 1_000_000
    const other = encodeCard(
      { ...own, dh: alice.context.own.record.identity.dh },
      { notAfter, name: 'bob', addresses: [] }
    )
    const before = contactSafetyNumber(alice.context, bob.context.ownId)
    await assert.rejects(bench.run(addContact(alice.context, encodeCardLink(other))), {
      code: 'IDENTITY_CHANGED'
    })
    const { contact } = onlyState(alice.context)
    assert.deepEqual([contact.change, contact.dhKey], ['device-key', own.dh.publicKey])
    assert.notEqual(contactSafetyNumber(alice.context, bob.context.ownId), before)
  })

  it('begins anew with the keys of a change that was accepted, and seals again what waits', async () => {
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'waits'))
    const { contact } = onlyState(alice.context)
    const changedDhKey = new Uint8Array(32).fill(9)
    await step(bench, alice.context, contact.id, (unit) => {
      if (unit.state !== undefined)
        unit.state = withContact(unit.state, { change: 'device-key', changedDhKey, verified: true })
    })
    const accepted = await bench.run(acceptChange(alice.context, contact.id))
    assert.deepEqual([accepted.change, accepted.verified], [undefined, false])
    const after = onlyState(alice.context)
    assert.deepEqual(
      [after.contact.dhKey, after.contact.bundle, after.sessions],
      [changedDhKey, undefined, []]
    )
    assert.deepEqual(
      [...alice.context.outbox.all()].map(({ sealed }) => sealed),
      [false]
    )
    // Nothing to accept: nothing happens.
    assert.equal((await bench.run(acceptChange(alice.context, contact.id))).change, undefined)
  })

  it('leaves nothing of somebody removed but a number and the invite that was used, under a blinded name', async () => {
    const { id } = onlyState(alice.context).conversation
    const live = alice.context.tail.open(id, undefined)
    await bench.run(removeContact(alice.context, bob.context.ownId))
    assert.equal((await live.next()).done, true, 'who reads it live is told that it has ended')
    const left: string[] = []
    for await (const [key] of alice.context.store.range({})) left.push(key.split('/')[0] ?? '')
    for (const table of ['contact', 'conversation', 'message', 'outbox', 'session', 'skipped']) {
      assert.ok(!left.includes(table), table)
    }
    assert.equal(left.filter((table) => table === 'forgotten').length, 1)
    assert.equal(alice.context.conversations.size, 0)
    assert.throws(() => stateOf(alice.context, bob.context.ownId), { code: 'UNKNOWN_CONTACT' })
    await assert.rejects(bench.run(removeContact(alice.context, bob.context.ownId)), {
      code: 'UNKNOWN_CONTACT'
    })
  })

  it('remembers the highest number also of a stranger who was a contact before, and nothing of any other', async () => {
    const { context } = alice
    const id = bob.context.ownId
    const numberOf = async (): Promise<number | undefined> => {
      const forgotten = await context.store.get(context.tables.forgotten(id))
      return forgotten && forgottenRecord.decode(forgotten).generation
    }
    const card = await bench.run(makeCard(bob.context, { size: 'full' }))
    const removeStranger = async (generation: number): Promise<void> => {
      await step(bench, context, id, (unit) => {
        if (unit.state !== undefined) unit.state = withContact(unit.state, { accepted: false, generation })
      })
      await bench.run(removeContact(context, id))
      await bench.run(addContact(context, card))
    }
    await removeStranger(7)
    assert.equal(await numberOf(), undefined)
    await bench.run(removeContact(context, id))
    assert.ok((await numberOf()) !== undefined)
    await bench.run(addContact(context, card))
    await removeStranger(9)
    assert.equal(await numberOf(), 9)
  })
})

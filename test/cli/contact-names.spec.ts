import assert from 'node:assert/strict'
import { ContactNames } from '../../src/cli/contact-names.js'
import { shortId } from '../../src/cli/contact-argument.js'
import { contact, FakeMessenger } from './fake-messenger.js'

const bob = contact('Bob')

describe('the names of contacts', () => {
  it('are known after loading, and raw for JSON', async () => {
    const odd = contact('Bob', { name: 'Bob\u0007' })
    const names = new ContactNames(new FakeMessenger(odd))
    await names.load()
    assert.deepEqual([names.nameOf(odd.id), names.rawNameOf(odd.id)], ['Bob', 'Bob\u0007'])
  })

  it('fall back to the id for somebody unknown, until they are learned', async () => {
    const messenger = new FakeMessenger()
    const names = new ContactNames(messenger)
    await names.meet(bob.id)
    assert.deepEqual([names.nameOf(bob.id), names.rawNameOf(bob.id)], [shortId(bob.id), ''])
    messenger.people.push(bob)
    await names.meet(bob.id)
    assert.equal(names.nameOf(bob.id), 'Bob')
  })

  it('come with the id where somebody else goes by the same name', async () => {
    const impostor = contact('mallory', { name: 'bo\u200db' })
    const names = new ContactNames(new FakeMessenger(bob, impostor, contact('Carol')))
    await names.load()
    assert.equal(names.nameOf(bob.id), `Bob (${shortId(bob.id)})`)
    assert.equal(names.nameOf(impostor.id), `bo\u200db (${shortId(impostor.id)})`)
    assert.equal(names.nameOf(contact('Carol').id), 'Carol')
  })

  it('come with what is new about a contact', () => {
    const names = new ContactNames(new FakeMessenger())
    assert.deepEqual(names.learn(bob), { added: true, reachChanged: false })
    assert.deepEqual(names.learn({ ...bob, reachable: true }), { added: false, reachChanged: true })
    assert.deepEqual(names.learn({ ...bob, reachable: true, name: 'Bo' }), {
      added: false,
      reachChanged: false,
      formerName: 'Bob'
    })
  })
})

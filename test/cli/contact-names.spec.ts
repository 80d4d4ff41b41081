import assert from 'node:assert/strict'
import { ContactNames } from '../../src/cli/contact-names.js'
import { shortId } from '../../src/cli/contact-argument.js'
import { contact, FakeMessenger } from './fake-messenger.js'

describe('the names of contacts', () => {
  it('are known after loading, and raw for JSON', async () => {
    const odd = contact('Bob', { name: 'Bob\u0007' })
    const names = new ContactNames(new FakeMessenger(odd))
    await names.load()
    assert.deepEqual([names.nameOf(odd.id), names.rawNameOf(odd.id)], ['Bob', 'Bob\u0007'])
  })

  it('fall back to the id for somebody unknown, until they are learned', () => {
    const bob = contact('Bob')
    const names = new ContactNames(new FakeMessenger())
    assert.deepEqual([names.nameOf(bob.id), names.rawNameOf(bob.id)], [shortId(bob.id), ''])
    names.learn(bob)
    assert.equal(names.nameOf(bob.id), 'Bob')
  })

  it('come with every change of reach once', () => {
    const names = new ContactNames(new FakeMessenger())
    const reach = [true, true, false].map((reachable) =>
      names.reachabilityChanged(contact('Bob', { reachable }))
    )
    assert.deepEqual(reach, [true, false, true])
  })
})

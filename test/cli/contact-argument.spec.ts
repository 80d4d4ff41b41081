import assert from 'node:assert/strict'
import { CommandError } from '../../src/cli/command-error.js'
import { contactName, findContact, pickContact, shortId } from '../../src/cli/contact-argument.js'
import { contact, FakeMessenger } from './fake-messenger.js'

const bob = contact('Bob')
const bobby = contact('Bobby')
const carol = contact('Carol')
const all = [bob, bobby, carol]

describe('finding a contact', () => {
  it('takes the exact name before the start of another', () => {
    assert.equal(pickContact(all, 'Bob'), bob)
    assert.equal(pickContact(all, 'bob'), bob)
  })

  it('takes the start of a name or id if only one fits', () => {
    assert.equal(pickContact(all, 'car'), carol)
    assert.equal(pickContact(all, bobby.id.slice(0, 5)), bobby)
    assert.equal(pickContact(all, carol.id), carol)
  })

  it('prefers the name as it is written', () => {
    const lower = { ...contact('zoe'), name: 'bob' }
    assert.equal(pickContact([bob, lower], 'bob'), lower)
  })

  it('names the candidates if several fit', () => {
    assert.throws(
      () => pickContact(all, 'bo'),
      (error) =>
        error instanceof CommandError &&
        error.code === 'CONTACT_AMBIGUOUS' &&
        error.message.includes(`Bob (${shortId(bob.id)}), Bobby (${shortId(bobby.id)})`)
    )
  })

  it('asks back where somebody calls themselves what is shown of the id of another', () => {
    const mallory = { ...contact('mallory'), name: shortId(carol.id) }
    const both = [carol, mallory]
    assert.throws(
      () => pickContact(both, shortId(carol.id)),
      (error) => error instanceof CommandError && both.every(({ id }) => error.message.includes(`(${id})`))
    )
    assert.equal(pickContact(both, carol.id), carol)
    assert.equal(pickContact(both, mallory.id), mallory)
    const whole = { ...mallory, name: carol.id }
    assert.equal(pickContact([whole, carol], carol.id), carol)
  })

  it('says what to do if none fits', () => {
    assert.throws(() => pickContact(all, 'dave'), { code: 'UNKNOWN_CONTACT', message: /`hallig contacts`/ })
    assert.throws(() => pickContact([], 'dave'), { message: /nobody has been added/ })
    assert.throws(() => pickContact(all, ''), { code: 'UNKNOWN_CONTACT' })
  })

  it('asks the messenger for the list', async () => {
    assert.deepEqual(await findContact(new FakeMessenger(carol), 'carol'), carol)
  })

  it('shows a name safely, and the id where there is none', () => {
    assert.equal(contactName({ ...bob, name: 'B\u001b[1mo\nb' }), 'Bo b')
    for (const name of ['\u202e ', '\u200d\u00ad', '\u3164', '\u001b[31m', '\u2800', '\u0301'])
      assert.equal(contactName({ ...bob, name }), shortId(bob.id))
    assert.equal(contactName({ ...bob, name: '👩‍🌾' }), '👩‍🌾')
  })
})

import assert from 'node:assert/strict'
import { waitForContact } from '../../src/cli/contact-wait.js'
import { contact, FakeMessenger } from './fake-messenger.js'

const bob = contact('Bob')
const never = new AbortController().signal

describe('waiting for a contact', () => {
  it('does not wait for somebody known', async () => {
    const said: string[] = []
    assert.deepEqual(
      await waitForContact(new FakeMessenger(bob), 'Bob', (line) => said.push(line), never),
      bob
    )
    assert.deepEqual(said, [])
  })

  it('ends when somebody of that name has written, also if the name comes later', async () => {
    const messenger = new FakeMessenger()
    const said: string[] = []
    const waiting = waitForContact(messenger, 'Robert', (line) => said.push(line), never)
    const { promise, resolve } = Promise.withResolvers<undefined>()
    setImmediate(() => {
      messenger.people.push({ ...bob, name: 'stranger' })
      void messenger.change(bob.id, { reachable: true })
      setImmediate(() => {
        void messenger.change(bob.id, { name: 'Robert' })
        resolve(undefined)
      })
    })
    await promise
    assert.equal((await waiting).name, 'Robert')
    assert.match(said[0] ?? '', /No contact matches 'Robert'.*Waiting/)
    assert.deepEqual(said.slice(1), ['stranger has written to you.'])
  })

  it('ends without one when it is interrupted', async () => {
    const controller = new AbortController()
    const waiting = waitForContact(new FakeMessenger(), 'Bob', () => controller.abort(), controller.signal)
    await assert.rejects(waiting, { code: 'UNKNOWN_CONTACT' })
  })

  it('does not wait where several are meant', async () => {
    const messenger = new FakeMessenger(bob, contact('Bobby'))
    await assert.rejects(
      waitForContact(messenger, 'bo', () => undefined, never),
      { code: 'CONTACT_AMBIGUOUS' }
    )
  })
})

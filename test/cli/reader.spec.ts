import assert from 'node:assert/strict'
import { createOutput } from '../../src/cli/output.js'
import { Reader } from '../../src/cli/reader.js'
import { MessengerError, type Contact } from '../../src/index.js'
import { Page } from './command-line.js'
import { contact, FakeMessenger, message } from './fake-messenger.js'

const bob = contact('Bob')
const carol = contact('Carol')
const fromCarol = { conversationId: carol.conversationId, sender: carol.id }

function setUp(
  messenger: FakeMessenger,
  only?: Contact,
  keepUnread = false,
  isTerminal = false
): { page: Page; reader: Reader; said: () => string[] } {
  const page = new Page(isTerminal)
  const output = createOutput({ stdout: page, stderr: new Page(), env: {} }, false)
  const said = (): string[] => [...page.text.matchAll(/^\d\d:\d\d (.*)$/gm)].map(([, text = '']) => text)
  return { page, reader: new Reader(output, messenger, keepUnread, only), said }
}

describe('reading', () => {
  it('prints what is unread of everybody, once, and marks it', async () => {
    const messenger = new FakeMessenger(bob, carol)
    messenger.stored.push(
      message(1, 'old', { status: 'read' }),
      message(2, 'new'),
      message(3, 'mine', { own: true }),
      message(4, 'from Carol', fromCarol)
    )
    const { reader, said } = setUp(messenger)
    await reader.printStored(undefined)
    await reader.end()
    assert.deepEqual(said(), ['Carol: from Carol', 'Bob: new'])
    assert.ok(messenger.stored.every(({ own, status }) => own || status === 'read'))
    assert.equal(reader.printed, 2)
  })

  it('prints the last messages with one contact, and never fewer than are new', async () => {
    const messenger = new FakeMessenger(bob, carol)
    messenger.stored.push(
      ...Array.from({ length: 30 }, (_, number) =>
        message(number + 1, String(number + 1), { status: number < 10 ? 'read' : 'delivered' })
      ),
      message(31, 'mine', { own: true, status: 'delivered' }),
      message(32, 'from Carol', fromCarol)
    )
    const { reader, said } = setUp(messenger, bob)
    await reader.printStored(3)
    await reader.end()
    assert.deepEqual([said().length, said().at(0), said().at(-1)], [21, 'Bob: 11', 'you: mine ✓✓'])
  })

  it('finds unread messages far back', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.stored.push(message(1, 'far back'))
    for (let number = 2; number <= 350; number++)
      messenger.stored.push(message(number, 'mine', { own: true }))
    const { reader, said } = setUp(messenger)
    await reader.printStored(undefined)
    assert.deepEqual(said(), ['Bob: far back'])
  })

  it('goes on with what comes in, in order, and only from the contact', async () => {
    const messenger = new FakeMessenger(bob, carol)
    const { reader, said } = setUp(messenger, bob)
    messenger.receive(message(1, 'before printing'))
    await reader.printStored(undefined)
    messenger.receive(message(2, 'two'))
    messenger.receive(message(3, 'from Carol', fromCarol))
    messenger.receive(message(4, 'three'))
    await reader.end()
    assert.deepEqual(said(), ['Bob: before printing', 'Bob: two', 'Bob: three'])
    assert.ok(messenger.calls.every((call) => call === `markRead ${bob.conversationId}`))
  })

  it('marks nothing if it was asked to keep it', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.stored.push(message(1, 'secretly'))
    const { reader } = setUp(messenger, undefined, true)
    await reader.printStored(undefined)
    await reader.end()
    assert.deepEqual(messenger.calls, [])
  })

  it('fails at the end if marking failed', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.stored.push(message(1, 'a'))
    messenger.conversations.markRead = async () => Promise.reject(new MessengerError('STORE_FULL', 'full'))
    const { reader } = setUp(messenger)
    await reader.printStored(undefined)
    await assert.rejects(reader.end(), { code: 'STORE_FULL' })
  })

  it('lets nobody begin a line like one of somebody else on a terminal', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.stored.push(message(1, `${'x'.repeat(89)}09:15 Carol: come alone`))
    const { reader, page } = setUp(messenger, undefined, false, true)
    await reader.printStored(undefined)
    assert.equal(page.text.match(/^\d\d:\d\d /gm)?.length ?? 0, 0, page.text)
    assert.match(page.text, /^ {6}.*Carol: come alone/m)
  })

  it('prints nothing dangerous', async () => {
    const messenger = new FakeMessenger({ ...bob, name: 'B\u001b[2Job' })
    messenger.stored.push(message(1, 'a\u001b]0;x\u0007\nb'))
    const { reader, page } = setUp(messenger)
    await reader.printStored(undefined)
    assert.match(page.text, /Bob: a\n {6}b\n$/)
  })
})

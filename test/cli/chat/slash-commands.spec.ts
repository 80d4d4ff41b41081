import assert from 'node:assert/strict'
import { obeyLine, type LineOutcome } from '../../../src/cli/chat/slash-commands.js'
import { PLAIN } from '../../../src/cli/terminal/paint.js'
import { contact, FakeMessenger, MORNING } from '../fake-messenger.js'

async function typed(
  messenger: FakeMessenger,
  line: string,
  size = { columns: 100, rows: 60 }
): Promise<LineOutcome> {
  const [bob] = messenger.people
  assert.ok(bob !== undefined)
  return await obeyLine({ messenger, contact: bob, paint: PLAIN, now: MORNING, size }, line)
}

async function shown(
  messenger: FakeMessenger,
  line: string,
  size?: { columns: number; rows: number }
): Promise<string> {
  const outcome = await typed(messenger, line, size)
  assert.ok(outcome.kind === 'show', outcome.kind)
  return outcome.entries
    .map((entry) =>
      entry.kind === 'notice' ? entry.text : entry.kind === 'drawing' ? entry.lines.join('\n') : ''
    )
    .join('\n')
}

describe('a line typed in the chat', () => {
  it('is a message unless it begins with a slash', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    assert.deepEqual(await typed(messenger, 'a /b'), { kind: 'send', text: 'a /b', priority: 'routine' })
    assert.deepEqual(await typed(messenger, '//etc'), { kind: 'send', text: '/etc', priority: 'routine' })
    assert.deepEqual(await typed(messenger, '/emergency come'), {
      kind: 'send',
      text: 'come',
      priority: 'emergency'
    })
    assert.match(await shown(messenger, '/urgent'), /what is the matter/)
  })

  it('may be a command there is not', async () => {
    assert.match(await shown(new FakeMessenger(contact('Bob')), '/nosuch thing'), /no \/nosuch; \/help/)
  })

  it('helps, and leaves', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    const help = await shown(messenger, '/help')
    for (const name of [
      '/verify',
      '/card',
      '/add',
      '/contacts',
      '/chat',
      '/rename',
      '/status',
      '/dial',
      '/quit'
    ]) {
      assert.ok(help.includes(name), name)
    }
    assert.deepEqual(await typed(messenger, '/quit'), { kind: 'quit' })
  })

  it('verifies', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    assert.match(await shown(messenger, '/verify'), /10000 {2}10001/)
    assert.match(await shown(messenger, '/verify yes'), /is verified/)
    assert.equal(messenger.people[0]?.verified, true)
    await shown(messenger, '/verify no')
    assert.equal(messenger.people[0].verified, false)
  })

  it('makes a card and adds one', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    assert.match(await shown(messenger, '/card'), /█[^]*hallig:s/)
    const small = await shown(messenger, '/card', { columns: 100, rows: 24 })
    assert.ok(!small.includes('█') && small.includes('larger window'))
    assert.match(await shown(messenger, '/add hallig:a\nb'), /is a contact now/)
    assert.match(await shown(messenger, '/add'), /\/add hallig:/)
    await assert.rejects(typed(messenger, '/add nonsense'), { code: 'CARD_INVALID' })
  })

  it('changes the contact', async () => {
    const messenger = new FakeMessenger(contact('Bob', { change: 'device-key' }))
    await shown(messenger, '/block')
    assert.equal(messenger.people[0]?.blocked, true)
    await shown(messenger, '/unblock')
    assert.equal(messenger.people[0].blocked, false)
    assert.match(await shown(messenger, '/accept'), /trusted now/)
    assert.match(await shown(messenger, '/accept'), /Nothing changed/)
    assert.match(await shown(messenger, '/rename Bobby Tables'), /Bob is called Bobby Tables now/)
    assert.match(await shown(messenger, '/rename'), /\/rename <name>/)
  })

  it('looks around', async () => {
    const messenger = new FakeMessenger(contact('Bob'), contact('Carol'))
    assert.match(await shown(messenger, '/contacts'), /Carol/)
    assert.match(await shown(messenger, '/status'), /Outbox/)
    assert.match(await shown(messenger, '/dial /ip4/1.2.3.4/tcp/5'), /answers/)
    assert.match(await shown(messenger, '/dial'), /\/dial \/ip4/)
    assert.deepEqual(await typed(messenger, '/chat carol'), { kind: 'switch', contact: messenger.people[1] })
    await assert.rejects(typed(messenger, '/chat dave'), { code: 'UNKNOWN_CONTACT' })
  })
})

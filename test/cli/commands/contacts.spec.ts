import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import { contactLines, unreadCounts } from '../../../src/cli/commands/contacts.js'
import { PLAIN } from '../../../src/cli/terminal/paint.js'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger, message, MORNING } from '../fake-messenger.js'

describe('hallig contacts', () => {
  it('lists names, ids and what matters, in columns', () => {
    const people = [
      contact('Bob', { verified: true, reachable: true, heardAt: MORNING - 300_000 }),
      contact('日本', { blocked: true, change: 'device-key' })
    ]
    assert.deepEqual(
      contactLines(people, new Map([['bobaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 2]]), PLAIN, MORNING),
      [
        'Bob   bobaaaaa  verified, reachable, heard 5 min ago, 2 unread',
        '日本  aaaaaaaa  not verified, blocked, keys changed: see `hallig accept --help`, never heard'
      ]
    )
  })

  it('shows a long name whole, aligns the others without it, and breaks lines between words', async () => {
    const long = 'Wilhelmine from the northernmost farm of all'
    await withCommandLine(new FakeMessenger(contact('Bob'), contact(long)), async (cli) => {
      cli.terminal = true
      cli.env = { NO_COLOR: '1' }
      cli.columns = 64
      const lines = stripVTControlCharacters((await cli.run('contacts')).out).split('\n')
      assert.deepEqual(lines, [
        'Bob                   bobaaaaa  not verified, never heard',
        `${long}  wilhelmi  not`,
        '    verified, never heard',
        ''
      ])
    })
  })

  it('says what to do if there are none', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      assert.match((await cli.run('contacts')).out, /`hallig add <card>`/)
      assert.deepEqual(await cli.json('contacts'), [])
    })
  })

  it('counts unread messages', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.stored.push(message(1, 'a'), message(2, 'b', { status: 'read' }))
    assert.deepEqual([...(await unreadCounts(messenger)).values()], [1])
    await withCommandLine(messenger, async (cli) => {
      const [bob] = (await cli.json('contacts')) as { name: string; unread: number }[]
      assert.deepEqual([bob?.name, bob?.unread], ['Bob', 1])
    })
  })
})

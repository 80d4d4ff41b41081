import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { chatInLines } from '../../../src/cli/chat/line-mode.js'
import type { ChatEnding } from '../../../src/cli/chat/full-screen.js'
import { createOutput } from '../../../src/cli/output.js'
import { CommandLine, Page } from '../command-line.js'
import { contact, FakeMessenger, message } from '../fake-messenger.js'

const bob = contact('Bob')

async function chatted(
  messenger: FakeMessenger,
  input: string,
  during: () => void = () => undefined
): Promise<{ ending: ChatEnding; out: string; err: string }> {
  const cli = new CommandLine(messenger)
  const [stdout, stderr] = [new Page(), new Page()]
  const surroundings = cli.surroundings(stdout, stderr)
  const output = createOutput(surroundings, false)
  const options = { directory: cli.directory, json: false, lan: true, carrier: true }
  const send = messenger.send.bind(messenger)
  messenger.send = async (...args: Parameters<typeof send>) => {
    during()
    return await send(...args)
  }
  cli.stdin.end(input)
  const reader = createInterface({ input: cli.stdin })
  const ending = await chatInLines(
    { command: 'chat', options, output, surroundings },
    messenger,
    bob,
    new AbortController().signal,
    reader[Symbol.asyncIterator]()
  )
  reader.close()
  cli.end()
  return { ending, out: stdout.text, err: stderr.text }
}

describe('the chat in lines', () => {
  it('shows the history, sends every line and prints what comes in', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.reaches = ['delivered']
    messenger.stored.push(message(1, 'earlier'))
    const { ending, out } = await chatted(messenger, 'one\n\n//two\n', () => {
      if (messenger.stored.length === 1) messenger.receive(message(2, 'in between\u001b[2J'))
    })
    assert.deepEqual(ending, { underWay: 0 })
    assert.match(out, /Bob: earlier\n\d\d:\d\d Bob: in between\n$/)
    assert.deepEqual(
      messenger.calls.filter((call) => call.startsWith('send')),
      ['send one', 'send /two']
    )
    assert.ok(messenger.stored.every(({ own, status }) => own || status === 'read'))
  })

  it('prints what comes in while the history is printed and marked', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.stored.push(message(1, 'earlier'))
    const { markRead } = messenger.conversations
    messenger.conversations.markRead = async (id) => {
      if (messenger.stored.length === 1) messenger.receive(message(2, 'just then'))
      await markRead(id)
    }
    const { out } = await chatted(messenger, '')
    assert.match(out, /Bob: earlier\n\d\d:\d\d Bob: just then\n$/)
  })

  it('obeys commands and reports failures without ending', async () => {
    const messenger = new FakeMessenger(bob)
    const { out, err, ending } = await chatted(messenger, '/add nonsense\n/verify\n/chat Bob\nnot sent\n')
    assert.match(err, /not a contact card/)
    assert.match(out, /Safety number/)
    assert.equal(ending.next?.name, 'Bob')
    assert.ok(!messenger.calls.includes('send not sent'))
  })
})

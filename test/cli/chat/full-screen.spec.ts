import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { chatOnScreen, farewell, type ChatEnding } from '../../../src/cli/chat/full-screen.js'
import { createOutput } from '../../../src/cli/output.js'
import { CommandLine, Page } from '../command-line.js'
import { contact, FakeMessenger, message } from '../fake-messenger.js'

const bob = contact('Bob')
const carol = contact('Carol')

/** A chat on a screen of 60 × 12 with somebody at the keys. */
class Sitting {
  readonly messenger: FakeMessenger
  readonly stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  readonly stdout = new Page(true)
  readonly ending: Promise<ChatEnding>
  readonly #cli: CommandLine

  constructor(messenger: FakeMessenger, signal = new AbortController().signal) {
    this.messenger = messenger
    this.#cli = new CommandLine(messenger)
    this.#cli.env = { NO_COLOR: '1' }
    this.stdout.columns = 60
    this.stdout.rows = 12
    const surroundings = { ...this.#cli.surroundings(this.stdout, new Page()), stdin: this.stdin }
    const output = createOutput(surroundings, false)
    const options = { directory: this.#cli.directory, json: false, lan: true, carrier: true }
    this.ending = chatOnScreen({ command: 'chat', options, output, surroundings }, messenger, bob, signal)
  }

  /** Type, and let everything that follows happen. */
  async type(keys: string): Promise<void> {
    await settled()
    this.stdin.write(keys)
    await settled()
  }

  /** What stands on the screen now. */
  async screen(): Promise<string> {
    await settled()
    this.stdout.text = ''
    this.stdout.emit('resize')
    await settled()
    const rows = this.stdout.text.replaceAll('\u001b[', '\n\u001b[').replace(/\n(?!.\[\d+;1H)/g, '')
    return stripVTControlCharacters(rows)
  }

  async leave(): Promise<ChatEnding> {
    await this.type('\u0004')
    const ending = await this.ending
    this.#cli.end()
    return ending
  }
}

/** Lets every callback run that is due. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => void setImmediate(resolve))
}

describe('the chat on a screen', () => {
  it('shows the history, marks it read, and gives the terminal back', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.stored.push(message(1, 'Moin'))
    const sitting = new Sitting(messenger)
    assert.match(await sitting.screen(), /Bob {2}Moin\n── Bob ○ out of reach[^\n]*\n> $/)
    assert.ok(messenger.calls.includes(`markRead ${bob.conversationId}`))
    assert.deepEqual(await sitting.leave(), { underWay: 0 })
    assert.ok(sitting.stdout.text.includes('\u001b[?1049l'))
  })

  it('sends what is typed, in order, and shows how far it came', async () => {
    const messenger = new FakeMessenger(bob)
    const sitting = new Sitting(messenger)
    await sitting.type('one\rtwo\r')
    assert.match(await sitting.screen(), /you {2}one ·\n.*you {2}two ·\n/)
    const [one] = messenger.stored
    assert.ok(one !== undefined)
    messenger.progress(one, 'read')
    assert.match(await sitting.screen(), /you {2}one ✓✓ read\n/)
    assert.deepEqual(await sitting.leave(), { underWay: 1 })
  })

  it('keeps what is being typed while something comes in', async () => {
    const messenger = new FakeMessenger(bob)
    const sitting = new Sitting(messenger)
    await sitting.type('half a sen')
    messenger.receive(message(1, 'interrupting'))
    assert.match(await sitting.screen(), /Bob {2}interrupting\n── Bob.*\n> half a sen$/)
    await sitting.type('tence\r')
    assert.ok(messenger.calls.includes('send half a sentence'))
    await sitting.leave()
  })

  it('takes a paste of several lines as one message, without its controls', async () => {
    const messenger = new FakeMessenger(bob)
    const sitting = new Sitting(messenger)
    await sitting.type('\u001b[200~one\rtwo\u0007\u001b[201~')
    assert.match(await sitting.screen(), /> one\n {2}two$/)
    await sitting.type('\r')
    assert.ok(messenger.calls.includes('send one\ntwo'))
    await sitting.leave()
  })

  it('clears the line with the first Ctrl-C and leaves with the second', async () => {
    const sitting = new Sitting(new FakeMessenger(bob))
    await sitting.type('oops\u0003')
    assert.match(await sitting.screen(), /> $/)
    await sitting.type('\u0003')
    assert.deepEqual(await sitting.ending, { underWay: 0 })
  })

  it('shows failures where the user looks, and goes on', async () => {
    const sitting = new Sitting(new FakeMessenger(bob))
    await sitting.type('/add nonsense\r')
    assert.match(await sitting.screen(), /• This is not a contact card\n/)
    await sitting.leave()
  })

  it('switches to somebody else', async () => {
    const sitting = new Sitting(new FakeMessenger(bob, carol))
    await sitting.type('/chat carol\r')
    assert.equal((await sitting.ending).next?.name, 'Carol')
  })

  it('stays where it was scrolled to, counts what is below, and marks it read only at the end', async () => {
    const messenger = new FakeMessenger(bob)
    for (let number = 1; number <= 30; number++) {
      messenger.stored.push(message(number, `text ${String(number)}`, { status: 'read' }))
    }
    const sitting = new Sitting(messenger)
    await sitting.type('\u001b[5~')
    const scrolled = await sitting.screen()
    messenger.calls.length = 0
    messenger.receive(message(31, 'below'))
    const after = await sitting.screen()
    assert.equal(after.split('\n')[1], scrolled.split('\n')[1])
    assert.match(after, /↓ 1 new: Esc/)
    assert.deepEqual(messenger.calls, [])
    await sitting.type('\u001b[6~\u001b[6~')
    assert.match(await sitting.screen(), /Bob {2}below\n/)
    assert.equal(messenger.calls.length, 1)
    await sitting.leave()
  })

  it('loads earlier messages when it is scrolled to the first', async () => {
    const messenger = new FakeMessenger(bob)
    for (let number = 1; number <= 250; number++) {
      messenger.stored.push(message(number, `text ${String(number)}`, { status: 'read' }))
    }
    const sitting = new Sitting(messenger)
    for (let page = 0; page < 40; page++) await sitting.type('\u001b[5~')
    assert.match(await sitting.screen(), /Bob {2}text 1\n/)
    await sitting.leave()
  })

  it('ends when it is told to from outside', async () => {
    const controller = new AbortController()
    const sitting = new Sitting(new FakeMessenger(bob), controller.signal)
    await settled()
    controller.abort()
    assert.deepEqual(await sitting.ending, { underWay: 0 })
  })

  it('says goodbye with what is left to deliver', () => {
    assert.match(farewell(bob, 1), /^1 message to Bob/)
    assert.match(farewell(bob, 2), /^2 messages to Bob/)
  })
})

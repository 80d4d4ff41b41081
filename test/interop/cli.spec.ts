import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATIENCE, Person, type Running } from '../support/cli-processes.js'

interface SentMessage {
  readonly status: string
}

describe('the command line between processes', function () {
  this.timeout(3 * PATIENCE)
  let root = ''
  let alice: Person
  let bob: Person

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'hallig-interop-'))
    const network = `test-${String(process.pid)}-${String(Date.now())}`
    alice = new Person(join(root, 'alice'), network)
    bob = new Person(join(root, 'bob'), network)
    await Promise.all([alice.json('init', '--name', 'Alice'), bob.json('init', '--name', 'Bob')])
  })

  afterEach(() => {
    alice.end()
    bob.end()
    rmSync(root, { recursive: true, force: true })
  })

  async function exchangeCards(): Promise<void> {
    const { link } = await alice.json<{ link: string }>('card')
    await bob.json('add', link)
  }

  async function startNode(person: Person): Promise<{ node: Running; address: string }> {
    const node = person.start('node', '--json')
    const [, address = ''] = await node.until(/"addresses":\["([^"]+)"/)
    return { node, address }
  }

  it('carries a message from a card to the reader, and a safety number to both', async () => {
    await exchangeCards()
    const { node, address } = await startNode(alice)
    const sent = await bob.json<SentMessage>(
      'send',
      'Alice',
      'Land',
      'unter!',
      '--bootstrap',
      address,
      '--wait',
      '15'
    )
    assert.equal(sent.status, 'delivered')
    await node.until(/"event":"message"/)
    assert.ok(!node.out.includes('Land unter'))
    node.child.kill('SIGTERM')
    assert.equal(await node.exit, 0)
    assert.match(node.out, /"event":"stop"/)
    const read = await alice.json<{ text: string }>('read', '--wait', '0')
    assert.equal(read.text, 'Land unter!')
    const numbers = await Promise.all([
      alice.json<{ safetyNumber: string }>('verify', 'Bob'),
      bob.json<{ safetyNumber: string }>('verify', 'Alice')
    ])
    assert.equal(numbers[0].safetyNumber, numbers[1].safetyNumber)
  })

  it('queues for somebody out of reach, exits 0, and delivers later without being asked again', async () => {
    await exchangeCards()
    const { code, out } = await bob.run('send', 'Alice', 'later', '--wait', '0.2')
    assert.equal(code, 0)
    assert.match(out, /^Queued: Alice is out of reach/)
    const { node, address } = await startNode(alice)
    const reading = bob.start('node', '--bootstrap', address)
    await node.until(/"event":"message"/)
    await reading.until(/is delivered/)
    reading.child.kill('SIGINT')
    assert.equal(await reading.exit, 0)
  })

  it('says who has the store when a second one has to have it', async () => {
    const { node } = await startNode(alice)
    const { code, err } = await alice.run('node')
    assert.equal(code, 3)
    assert.match(err, new RegExp(`\`hallig node\` \\(process ${String(node.child.pid)}, since`))
    node.child.kill('SIGKILL')
    await node.exit
    assert.equal((await alice.run('contacts')).code, 0)
  })

  it('opens a store with its passphrase only', async () => {
    const carol = new Person(join(root, 'carol'), 'passphrase')
    carol.env = { HALLIG_PASSPHRASE: 'correct horse' }
    await carol.json('init', '--passphrase')
    assert.equal((await carol.run('contacts')).code, 0)
    carol.env = { HALLIG_PASSPHRASE: 'wrong horse' }
    const { code, err } = await carol.run('--json', 'contacts')
    assert.equal(code, 3)
    assert.equal((JSON.parse(err) as { error: { code: string } }).error.code, 'WRONG_KEY')
  })

  it('reads a card from a picture, and refuses what is none', async () => {
    const file = join(root, 'card.png')
    await alice.json('card', '--png', file)
    assert.equal((await bob.json<{ name: string }>('add', file)).name, 'Alice')
    const own = await alice.run('add', file)
    assert.deepEqual([own.code, (await bob.run('add', 'hallig:AAAA')).code], [5, 5])
    assert.equal(readFileSync(file).subarray(1, 4).toString(), 'PNG')
  })

  it('holds a conversation between a terminal and a pipe', async function () {
    if (spawnSync('script', ['--version']).status !== 0) {
      console.log('      skipped: `script` of util-linux is not installed')
      this.skip()
    }
    await exchangeCards()
    const lines = bob.start('chat', 'Alice')
    lines.child.stdin.write('/status\n')
    const [address] = await lines.until(/\/ip4\/127\S+/)
    // Alice has not heard of Bob yet; his first message makes him a contact.
    const screen = alice.startInTerminal('chat', 'Bob', '--bootstrap', address)
    await screen.until(/No contact matches 'Bob'.* Waiting/)
    lines.child.stdin.write('through a pipe\n')
    await screen.until(/Bob {2}through a pipe/)
    screen.child.stdin.write('from a terminal\r')
    await lines.until(/Alice: from a terminal/)
    await screen.until(/from a terminal ✓✓ read/)
    lines.child.stdin.end()
    assert.equal(await lines.exit, 0)
    screen.child.stdin.write('\u0004')
    assert.equal(await screen.exit, 0)
  })
})

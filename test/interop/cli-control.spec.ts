import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATIENCE, Person, type Running } from '../support/cli-processes.js'

describe('commands beside a running node', function () {
  this.timeout(6 * PATIENCE)
  let root = ''
  let box: Person
  let bob: Person

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'hallig-beside-'))
    const network = `beside-${String(process.pid)}-${String(Date.now())}`
    box = new Person(join(root, 'box'), network)
    bob = new Person(join(root, 'bob'), network)
    await Promise.all([box.json('init', '--name', 'Harbour'), bob.json('init', '--name', 'Bob')])
  })

  afterEach(() => {
    box.end()
    bob.end()
    rmSync(root, { recursive: true, force: true })
  })

  async function startNode(): Promise<{ node: Running; address: string }> {
    const node = box.start('node', '--json')
    const [, address = ''] = await node.until(/"addresses":\["([^"]+)"/)
    return { node, address }
  }

  it('do what they do alone', async () => {
    const { node, address } = await startNode()
    const { link } = await box.json<{ link: string }>('card')
    await bob.json('add', link)
    const sent = await bob.json<{ status: string }>(
      'send',
      'Harbour',
      'Land unter!',
      '--bootstrap',
      address,
      '--wait',
      '15'
    )
    assert.equal(sent.status, 'delivered')
    const status = await box.json<{ started: boolean; contacts: number }>('status', '--wait', '0')
    assert.deepEqual([status.started, status.contacts], [true, 1])
    assert.equal((await box.json<{ text: string }>('read', '--wait', '0')).text, 'Land unter!')
    assert.equal((await box.run('--json', 'read', '--wait', '0')).out, '')
    await box.json('rename', 'Bob', 'Robert')
    // By hand, in both directions.
    assert.equal(
      (await box.json<{ status: string }>('send', 'Robert', 'on a stick', '--wait', '0')).status,
      'queued'
    )
    const stick = join(root, 'stick.hallig')
    await box.json('export', stick)
    assert.equal((await bob.json<{ complete: boolean }>('import', stick)).complete, true)
    await bob.json('export', stick)
    await box.json('import', stick)
    assert.equal(
      (await box.json<{ outbox: { messages: number } }>('status', '--wait', '0')).outbox.messages,
      0
    )
    node.child.kill('SIGTERM')
    assert.equal(await node.exit, 0)
  })

  it('hold a conversation, two of them at once', async () => {
    const { node, address } = await startNode()
    await box.json('add', (await bob.json<{ link: string }>('card')).link)
    await bob.json('add', (await box.json<{ link: string }>('card')).link)
    const theirs = bob.start('chat', 'Harbour', '--bootstrap', address)
    const following = box.start('read', '-f', '--json')
    const chat = box.start('chat', 'Bob')
    chat.child.stdin.write('from the box\n')
    await theirs.until(/Harbour: from the box/)
    theirs.child.stdin.write('from Bob\n')
    await chat.until(/Bob: from Bob/)
    await following.until(/"text":"from Bob"/)
    theirs.child.stdin.end()
    chat.child.stdin.end()
    assert.deepEqual([await theirs.exit, await chat.exit], [0, 0])
    following.child.kill('SIGINT')
    assert.equal(await following.exit, 0)
    assert.equal(node.child.exitCode, null)
  })

  it('may be killed in the midst of it', async () => {
    const { node } = await startNode()
    const following = box.start('read', '-f', '--json')
    const importing = box.start('import', '-')
    importing.child.stdin.write('not the whole of a file')
    const deaf = box.start('export', '-')
    await Promise.all(
      [following, importing, deaf].map(async ({ child }) => {
        child.kill('SIGKILL')
        await new Promise((resolve) => child.once('exit', resolve))
      })
    )
    assert.equal((await box.json<{ started: boolean }>('status', '--wait', '0')).started, true)
    assert.equal(node.child.exitCode, null)
  })

  it('say so when the node is killed, and then do without it', async () => {
    const { link } = await bob.json<{ link: string }>('card')
    await box.json('add', link)
    const { node } = await startNode()
    const chat = box.start('chat', 'Bob')
    chat.child.stdin.write('/status\n')
    await chat.until(/Outbox/)
    node.child.kill('SIGKILL')
    assert.equal(await chat.exit, 1)
    assert.match(chat.err, /`hallig node` \(process \d+, since .* has ended, and with it this command/)
    const { started } = await box.json<{ started: boolean }>('status', '--wait', '0')
    assert.equal(started, false)
    const next = await startNode()
    assert.equal((await box.json<{ started: boolean }>('status', '--wait', '0')).started, true)
    next.node.child.kill('SIGTERM')
    assert.equal(await next.node.exit, 0)
  })

  it('need its passphrase, but for destroying everything', async () => {
    const carol = new Person(join(root, 'carol'), 'passphrase')
    carol.env = { HALLIG_PASSPHRASE: 'correct horse' }
    await carol.json('init', '--passphrase')
    const node = carol.start('node')
    await node.until(/listening/)
    assert.equal((await carol.run('status', '--wait', '0')).code, 0)
    carol.env = { HALLIG_PASSPHRASE: 'wrong horse' }
    assert.match((await carol.run('--json', 'contacts')).err, /"WRONG_KEY"/)
    carol.env = {}
    assert.equal((await carol.json<{ wiped: boolean }>('wipe', '--yes')).wiped, true)
    assert.equal(await node.exit, 0)
    carol.end()
  })
})

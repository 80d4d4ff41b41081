import assert from 'node:assert/strict'
import { withCommandLine, type CommandLine, type Outcome } from '../command-line.js'
import { contact, FakeMessenger, message } from '../fake-messenger.js'

/** Run `hallig node` and, once it waits, let things happen to it; then stop it. */
async function nodeDuring(
  cli: CommandLine,
  messenger: FakeMessenger,
  happen: () => void,
  ...flags: string[]
): Promise<Outcome> {
  const before = process.listenerCount('SIGTERM')
  const status = messenger.status.bind(messenger)
  let hasBegun = false
  messenger.status = async () => {
    if (hasBegun) return await status()
    hasBegun = true
    // The node asks for its addresses when it has begun to listen for events.
    setImmediate(() => {
      happen()
      // What it tells after another look comes a moment later.
      setImmediate(() => {
        assert.equal(process.listenerCount('SIGTERM'), before + 1)
        process.emit('SIGTERM')
      })
    })
    return await status()
  }
  return await cli.run('node', ...flags)
}

const bob = contact('Bob')

function everything(messenger: FakeMessenger): () => void {
  return () => {
    messenger.safeDispatchEvent('peer:update', { detail: { peers: 1 } })
    void messenger.change(bob.id, { reachable: true })
    messenger.receive(message(1, 'secret\u001b[2J'))
    messenger.receive(message(7, 'fire', { priority: 'emergency' }))
    messenger.progress(message(2, '', { own: true, carriers: 2 }), 'sent')
    messenger.safeDispatchEvent('sync:complete', { detail: { peers: 1, received: 3, given: 4 } })
    messenger.safeDispatchEvent('identity:change', { detail: { contactId: bob.id, change: 'device-key' } })
    messenger.safeDispatchEvent('storage:update', { detail: { storage: 'full' } })
  }
}

/** Run `hallig node` with a threshold, and stop it when it has looked at the battery. */
async function nodeOnBattery(cli: CommandLine, threshold: string): Promise<Outcome> {
  const ended = new AbortController()
  const running = cli.run('node', '--carry-above', threshold).finally(() => {
    ended.abort()
  })
  const turn = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
  }
  while (cli.looksAtBattery === 0 && !ended.signal.aborted) await turn()
  await turn()
  process.emit('SIGTERM')
  return await running
}

describe('hallig node', () => {
  it('tells of the battery, and says when it serves nobody any more', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.statusFacts = { resting: true }
    await withCommandLine(messenger, async (cli) => {
      cli.battery = { level: 0.2, charging: false }
      const { out } = await nodeOnBattery(cli, '30%')
      assert.deepEqual(messenger.calls, ['power 0.2'])
      assert.match(out, /the battery is low: nothing is done for others/)
      assert.deepEqual(cli.opened.at(-1)?.power, { carryAbove: 0.3 })
      assert.equal((await cli.run('node', '--carry-above', 'half')).code, 2)
    })
  })

  it('says so if there is no battery to look at', async () => {
    const messenger = new FakeMessenger(bob)
    await withCommandLine(messenger, async (cli) => {
      const { out } = await nodeOnBattery(cli, '30')
      assert.match(out, /no battery is found/)
      assert.deepEqual(messenger.calls, [])
    })
  })

  it('is a relay only where it is told to be', async () => {
    const messenger = new FakeMessenger(bob)
    await withCommandLine(messenger, async (cli) => {
      await nodeDuring(cli, messenger, () => undefined, '--relay')
      assert.deepEqual(cli.opened.at(-1)?.network, { lan: true, relay: true })
      await nodeDuring(cli, messenger, () => undefined)
      assert.deepEqual(cli.opened.at(-1)?.network, { lan: true })
    })
  })

  it('reports what happens, without texts, until SIGTERM', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.statusFacts = { addresses: ['/ip4/10.0.0.1/tcp/1'] }
    await withCommandLine(messenger, async (cli) => {
      const { code, out } = await nodeDuring(cli, messenger, everything(messenger))
      assert.equal(code, 0)
      assert.ok(messenger.closed)
      for (const part of [
        'listening on /ip4/10.0.0.1/tcp/1',
        '1 peer linked',
        'Bob is reachable',
        'a message from Bob',
        'message 00000000 is sent, held by 2 nodes',
        'reconciled with 1 peer: 3 received, 4 given',
        'the keys of Bob changed',
        'the store is full',
        'stopping'
      ]) {
        assert.ok(out.includes(part), part)
      }
      assert.ok(!out.includes('secret'))
    })
  })

  it('tells of addresses it got after it had begun, and of each once', async () => {
    const messenger = new FakeMessenger(bob)
    const [loopback, cable] = ['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1']
    messenger.statusFacts = { addresses: [loopback] }
    await withCommandLine(messenger, async (cli) => {
      const plugIn = (): void => {
        messenger.statusFacts = { addresses: [cable, loopback] }
        messenger.safeDispatchEvent('peer:update', { detail: { peers: 1 } })
        messenger.safeDispatchEvent('peer:update', { detail: { peers: 1 } })
      }
      const { out } = await nodeDuring(cli, messenger, plugIn)
      assert.equal(out.split(`listening on ${loopback}\n`).length, 2, out)
      assert.match(out, /\d\d:\d\d listening on \/ip4\/10\.0\.0\.1\/tcp\/1\n/)
      assert.equal(out.split(cable).length, 2, out)
    })
  })

  it('prints texts if asked to, safely', async () => {
    const messenger = new FakeMessenger(bob)
    await withCommandLine(messenger, async (cli) => {
      const { out } = await nodeDuring(cli, messenger, everything(messenger), '--text')
      assert.match(out, /\d\d:\d\d Bob: secret\n/)
    })
  })

  it('lets nobody begin a line like one of its own on a terminal', async () => {
    const messenger = new FakeMessenger(bob)
    await withCommandLine(messenger, async (cli) => {
      cli.terminal = true
      const { out } = await nodeDuring(
        cli,
        messenger,
        () => messenger.receive(message(1, `${'x'.repeat(90)} 09:15 the store is full`)),
        '--text'
      )
      assert.match(out, /^ {4}.*the store is full/m)
    })
  })

  it('reports to programs as lines of JSON', async () => {
    const messenger = new FakeMessenger(bob)
    await withCommandLine(messenger, async (cli) => {
      const { out } = await nodeDuring(cli, messenger, everything(messenger), '--json')
      const events = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; text?: string })
      assert.deepEqual(
        events.map(({ event }) => event),
        [
          'start',
          'peers',
          'contact',
          'message',
          'message',
          'status',
          'sync',
          'identity-change',
          'storage',
          'stop'
        ]
      )
      assert.ok(events.every(({ text }) => text === undefined))
    })
  })

  it('begins with a card if asked to, for one person unless it is told otherwise', async () => {
    const kinds: [readonly string[], boolean][] = [
      [['--card'], false],
      [['--card', 'reusable'], true]
    ]
    for (const [flags, reusable] of kinds) {
      const messenger = new FakeMessenger(bob)
      await withCommandLine(messenger, async (cli) => {
        const { code, out } = await nodeDuring(cli, messenger, () => undefined, ...flags, '--json')
        assert.equal(code, 0)
        const cards = out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { event: string; link?: string; reusable?: boolean })
          .filter(({ event }) => event === 'card')
        assert.deepEqual(
          cards.map((card) => card.reusable),
          [reusable]
        )
        assert.match(cards[0]?.link ?? '', /^hallig:/)
      })
    }
    const messenger = new FakeMessenger(bob)
    await withCommandLine(messenger, async (cli) => {
      assert.equal((await cli.run('node', '--card', 'many')).code, 2)
    })
  })
})

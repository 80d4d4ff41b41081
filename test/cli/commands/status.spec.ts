import assert from 'node:assert/strict'
import { statusLines } from '../../../src/cli/commands/status.js'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger, idFor, MORNING } from '../fake-messenger.js'

const bob = contact('Bob')

describe('hallig status', () => {
  it('shows the network, the peers and what waits', async () => {
    const messenger = new FakeMessenger(bob)
    messenger.statusFacts = {
      addresses: ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/2/ws'],
      peers: [
        {
          peer: 'p',
          address: '/ip4/10.0.0.2/tcp/3',
          direction: 'inbound',
          since: MORNING - 60_000,
          contactId: bob.id,
          takesPart: true,
          roundTrip: 12.4,
          reconciledAt: MORNING - 120_000
        },
        {
          peer: 'q',
          address: '/ip4/10.0.0.4/tcp/5',
          direction: 'outbound',
          since: MORNING - 20_000,
          takesPart: false
        },
        { peer: 'r', address: '/ip4/10.0.0.6/tcp/7', direction: 'outbound', since: MORNING, takesPart: false }
      ],
      lan: { multicast: true, interfaces: ['eth0', 'lo'], echoed: ['eth0'], sightings: 1 },
      mailbox: { envelopes: 9, own: 2, foreign: 3, bytes: 1536, quota: 256 * 1024 * 1024, purged: 1 },
      budget: { used: 3_072, stopped: [] },
      outbox: { messages: 2, oldest: MORNING - 3_600_000 }
    }
    assert.deepEqual(statusLines({ ...(await messenger.status()), started: true }, [bob], MORNING), [
      'Store      in order',
      'Network    main',
      'Addresses  /ip4/10.0.0.1/tcp/1',
      '           /ip4/10.0.0.1/tcp/2/ws',
      'LAN        searching by multicast on eth0, lo',
      'Peers      /ip4/10.0.0.2/tcp/3 (inbound, Bob, linked 1 min ago, answers in 12 ms, reconciled 2 min ago)',
      '           /ip4/10.0.0.4/tcp/5 (outbound, linked just now, NO GOSSIP: it passes nothing on)',
      '           /ip4/10.0.0.6/tcp/7 (outbound, linked just now, not greeted yet)',
      'Contacts   1',
      'Mailbox    3 envelopes for others (1.5 KiB of 256 MiB), 2 of its own',
      'Budget     no bound; 3 KiB sent within the last hour',
      'Outbox     2 messages not delivered yet, the oldest from 1 h ago'
    ])
  })

  it('says that there is no network where only this device hears itself', async () => {
    const messenger = new FakeMessenger()
    messenger.statusFacts = {
      lan: { multicast: true, interfaces: ['127.0.0.1', '::1'], echoed: ['127.0.0.1'], sightings: 0 }
    }
    const lines = statusLines(await messenger.status(), [], MORNING)
    assert.ok(lines.includes('LAN        on no network: connect a cable, or join a Wi-Fi or a hotspot'))
  })

  it('says what waits for room in the budget, and how long', async () => {
    const messenger = new FakeMessenger()
    messenger.statusFacts = {
      budget: { used: 800_000, limit: 1024 ** 2, stopped: ['foreign', 'routine'], roomAt: MORNING + 61_000 }
    }
    const lines = statusLines(await messenger.status(), [], MORNING)
    const first = lines.findIndex((line) => line.startsWith('Budget'))
    assert.deepEqual(lines.slice(first, first + 3), [
      'Budget     781 KiB of 1 MiB sent within the last hour; more in 2 minutes',
      '           nothing is done for others',
      '           routine messages wait'
    ])
  })

  it('says that it rests while the battery is low', async () => {
    const messenger = new FakeMessenger()
    messenger.statusFacts = { resting: true }
    const lines = statusLines(await messenger.status(), [], MORNING)
    assert.ok(lines.includes('Battery    low: nothing is done for others until it has recovered'))
  })

  it('says what is wrong', async () => {
    const messenger = new FakeMessenger()
    messenger.statusFacts = {
      storage: 'full',
      lan: { multicast: false, interfaces: [], echoed: [], sightings: 0, lastError: 'no\u001b' }
    }
    const lines = statusLines(await messenger.status(), [], MORNING)
    assert.match(lines[0] ?? '', /FULL/)
    assert.ok(lines.includes('LAN        multicast does not work on no interface (last trouble: no)'))
    assert.ok(lines.includes('Network    main (not started)'))
    assert.ok(lines.includes('Mailbox    carries nothing for others; 0 envelopes of its own'))
  })

  it('looks for peers and ends when it has found one', async () => {
    const messenger = new FakeMessenger()
    messenger.start = async () => {
      messenger.started = true
      setImmediate(() => messenger.safeDispatchEvent('peer:update', { detail: { peers: 1 } }))
      return Promise.resolve()
    }
    await withCommandLine(messenger, async (cli) => {
      const { code, out } = await cli.run('status', '--wait', '600')
      assert.equal(code, 0)
      assert.match(out, new RegExp(`^Identity {3}${idFor('Alice')}\nDirectory  `))
      assert.match(out, /LAN {8}not searched/)
    })
  })

  it('needs no network with --wait 0', async () => {
    const messenger = new FakeMessenger()
    await withCommandLine(messenger, async (cli) => {
      const answer = (await cli.json('status', '--wait', '0')) as { id: string; started: boolean }
      assert.deepEqual([answer.id, answer.started], [idFor('Alice'), false])
    })
  })

  it('says when and why the device last went on anew', async () => {
    const messenger = new FakeMessenger()
    for (const reason of ['copied', 'damaged'] as const) {
      messenger.statusFacts = { renewal: { at: MORNING - 180_000, reason } }
      const lines = statusLines(await messenger.status(), [], MORNING)
      const line = lines.find((line) => line.startsWith('Renewed')) ?? ''
      assert.match(line, /^Renewed {4}3 min ago: /)
      assert.equal(line.includes('DAMAGED'), reason === 'damaged')
    }
  })
})

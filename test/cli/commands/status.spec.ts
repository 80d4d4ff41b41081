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
          contactId: bob.id
        }
      ],
      lan: { multicast: true, interfaces: ['eth0', 'lo'], echoed: ['eth0'], sightings: 1 },
      outbox: { messages: 2, oldest: MORNING - 3_600_000 }
    }
    assert.deepEqual(statusLines({ ...(await messenger.status()), started: true }, [bob], MORNING), [
      'Store      in order',
      'Network    main',
      'Addresses  /ip4/10.0.0.1/tcp/1',
      '           /ip4/10.0.0.1/tcp/2/ws',
      'LAN        searching by multicast on eth0, lo',
      'Peers      /ip4/10.0.0.2/tcp/3 (inbound, Bob, linked 1 min ago)',
      'Contacts   1',
      'Outbox     2 messages not delivered yet, the oldest from 1 h ago'
    ])
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
})

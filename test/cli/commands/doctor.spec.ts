import assert from 'node:assert/strict'
import { MessengerError } from '../../../src/index.js'
import { withCommandLine } from '../command-line.js'
import { FakeMessenger } from '../fake-messenger.js'

const LAN = { multicast: true, interfaces: ['10.0.0.1'], echoed: ['10.0.0.1'], sightings: 0 }

describe('hallig doctor', () => {
  it('looks at everything and says what it comes to', async () => {
    const messenger = new FakeMessenger()
    messenger.statusFacts = { addresses: ['/ip4/10.0.0.1/tcp/1'], lan: LAN }
    await withCommandLine(messenger, async (cli) => {
      const { code, out, err } = await cli.run('doctor', '--wait', '0')
      // The fake's clock stands in 2024, before Hallig.
      assert.deepEqual(
        [code, err],
        [1, 'hallig: Something has to be mended before Hallig works here: see BAD above\n']
      )
      for (const what of ['Store', 'Key', 'Disk', 'Durability', 'Clock', 'Ports', 'Multicast'])
        assert.match(out, new RegExp(`^(ok|look|BAD) +${what} `, 'm'))
      assert.match(out, /^BAD {3}Clock {6}It is not/m)
      assert.ok(messenger.closed)
    })
  })

  it('works before there is an identity', async () => {
    await withCommandLine(
      new FakeMessenger(),
      async (cli) => {
        const { out } = await cli.run('doctor', '--wait', '0')
        assert.match(out, /^look {2}Store {6}There is no identity .*`hallig --dir \S+ init`/m)
        assert.match(out, /^ok {4}Others/m)
      },
      'empty'
    )
  })

  it('reports a network that does not start, such as for a port in use', async () => {
    const messenger = new FakeMessenger()
    messenger.start = () => Promise.reject(new MessengerError('ADDRESS_IN_USE', 'Port 7 is taken'))
    await withCommandLine(messenger, async (cli) => {
      const { out } = await cli.run('--listen', '/ip4/127.0.0.1/tcp/7', 'doctor', '--wait', '0')
      assert.match(out, /^BAD {3}Network {4}Port 7 is taken\.$/m)
      assert.deepEqual(cli.opened.at(-1)?.network, { lan: true, listen: ['/ip4/127.0.0.1/tcp/7'] })
      assert.equal(cli.opened.at(-1)?.path, undefined)
    })
  })
})

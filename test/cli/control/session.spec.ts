import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { decode } from 'it-length-prefixed'
import { DistantMessenger } from '../../../src/cli/control/distant-messenger.js'
import { Session } from '../../../src/cli/control/session.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('a session of a command', () => {
  it('leaves nothing behind when it ends, from either side', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    for (const side of ['command', 'holder']) {
      const accepted = new Promise<Session>((resolve) => {
        server.once('connection', (socket) => resolve(new Session(messenger, socket, decode(socket))))
      })
      const socket = connect(port())
      const distant = new DistantMessenger(
        socket,
        decode(socket),
        messenger.identity,
        () => new Error('lost')
      )
      const session = await accepted
      for (const name of ['message:receive', 'contact:update', 'contact:update'] as const)
        distant.addEventListener(name, () => undefined)
      await distant.status()
      assert.equal(messenger.listenerCount('message:receive') + messenger.listenerCount('contact:update'), 2)
      await (side === 'command' ? distant.close() : session.close())
      await Promise.all([session.ended, distant.ended])
      assert.equal(messenger.listenerCount('message:receive') + messenger.listenerCount('contact:update'), 0)
    }
  })

  const server = createServer()
  const port = (): number => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
  before(async () => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  after(() => server.close())
})

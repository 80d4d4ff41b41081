import assert from 'node:assert/strict'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { decode } from 'it-length-prefixed'
import { Channel, hangUp, type ChannelInit } from '../../../src/cli/control/channel.js'
import { closing } from './served.js'

describe('a channel', () => {
  let server: Server
  let near: Socket
  let far: Socket

  beforeEach(async () => {
    server = createServer()
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    near = connect(port, '127.0.0.1')
    far = await accepted
    for (const socket of [near, far]) socket.on('error', () => undefined)
  })

  afterEach(() => {
    near.destroy()
    far.destroy()
    server.close()
  })

  const channel = (socket: Socket, more: Partial<ChannelInit> = {}): Channel =>
    new Channel(socket, decode(socket), {
      handle: async (_method, args) => Promise.resolve(args),
      onEvent: () => undefined,
      largest: 10_000,
      lost: () => new Error('lost'),
      ...more
    })

  it('carries requests both ways, with answers, failures, progress and events', async () => {
    const events: unknown[] = []
    const told = new Promise<void>((resolve) => {
      channel(far, {
        handle: async (method, args, { onProgress }) => {
          onProgress(args.length)
          return method === 'fail' ? Promise.reject(new Error('no')) : Promise.resolve(args)
        },
        onEvent: (name, detail) => {
          events.push(name, detail)
          resolve()
        }
      })
    })
    const one = channel(near)
    const progress: unknown[] = []
    const onProgress = (report: unknown): void => void progress.push(report)
    assert.deepEqual(await one.request('echo', [1, undefined], { onProgress }), [1, undefined])
    await assert.rejects(one.request('fail', [], { onProgress }), { message: 'no' })
    assert.deepEqual(progress, [2, 0])
    one.tell('cannot cross', () => undefined)
    one.tell('peers', 3)
    await told
    assert.deepEqual(events, ['peers', 3])
    await one.close()
  })

  it('fails with a request, or an answer, that is too large, and goes on', async () => {
    channel(far, { handle: async (method) => Promise.resolve('x'.repeat(method === 'much' ? 20_000 : 1)) })
    const one = channel(near)
    await assert.rejects(one.request('x', ['x'.repeat(20_000)]), { code: 'TOO_LARGE' })
    await assert.rejects(one.request('much', []), { code: 'TOO_LARGE' })
    assert.equal(await one.request('x', []), 'x')
    await one.close()
  })

  it('aborts what is asked for by whoever is gone', async () => {
    const aborted = new Promise<void>((resolve) => {
      channel(far, {
        handle: async (_method, _args, { signal }) => {
          signal.addEventListener('abort', () => resolve())
          return new Promise(() => undefined)
        }
      })
    })
    const lost = assert.rejects(channel(near).request('x', []), { message: 'lost' })
    far.once('data', () => near.destroy())
    await Promise.all([aborted, lost])
  })

  it('lets the other end have what was written before it hangs up', async () => {
    let heard = 0
    far.on('data', (bytes: Buffer) => {
      heard += bytes.length
    })
    near.write(Buffer.alloc(1_000_000))
    hangUp(near)
    await closing(far)
    assert.equal(heard, 1_000_000)
  })
})

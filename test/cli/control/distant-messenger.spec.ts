import assert from 'node:assert/strict'
import { MessengerError, type ExportOptions, type ParcelSink } from '../../../src/index.js'
import { contact, FakeMessenger, idFor, message } from '../fake-messenger.js'
import { dialUntilAborted, GONE, withServed } from './served.js'

describe('a messenger of another process', () => {
  it('does what is asked of it there', async () => {
    const bob = contact('Bob')
    const messenger = new FakeMessenger(bob)
    messenger.name = 'Alice'
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      assert.deepEqual([distant.identity.id, distant.identity.name], [idFor('Alice'), 'Alice'])
      assert.deepEqual(await distant.contacts.list(), [bob])
      assert.deepEqual(await distant.contacts.get(bob.id), bob)
      assert.equal((await distant.contacts.add('hallig:x', { name: 'Carol' })).name, 'Carol')
      assert.equal((await distant.contacts.rename(bob.id, 'Bobby')).name, 'Bobby')
      assert.equal((await distant.contacts.verify(bob.id)).verified, true)
      assert.equal((await distant.contacts.verify(bob.id, false)).verified, false)
      assert.equal((await distant.contacts.block(bob.id)).blocked, true)
      assert.equal((await distant.contacts.acceptChange(bob.id)).id, bob.id)
      assert.equal(await distant.contacts.safetyNumber(bob.id), await messenger.contacts.safetyNumber(bob.id))
      assert.match(await distant.identity.card({ reusable: true }), /^hallig:s+r$/)
      await distant.identity.rename('Alicia')
      assert.deepEqual([messenger.name, distant.identity.name], ['Alicia', 'Alicia'])
      await distant.dial('/ip4/127.0.0.1')
      assert.deepEqual(await distant.sync(), { peers: 0, received: 0, given: 0 })
      assert.deepEqual(await distant.status(), await messenger.status())
      const conversation = await distant.conversations.direct(bob.id)
      assert.deepEqual(await distant.conversations.get(conversation.id), conversation)
      assert.equal((await distant.conversations.list()).length, 2)
      const sent = await distant.send(conversation.id, 'hi', { priority: 'urgent' })
      assert.deepEqual([sent.priority, sent.content.kind], ['urgent', 'text'])
      await distant.conversations.markRead(conversation.id)
      assert.deepEqual(messenger.calls, ['send hi', `markRead ${conversation.id}`])
      await distant.contacts.remove(bob.id)
      assert.equal(messenger.people.length, 1)
      await distant.start()
      await distant.close()
      assert.deepEqual([messenger.started, messenger.closed], [false, false])
    })
  })

  it('fails with the code and the sentence that it fails with there', async () => {
    await withServed(new FakeMessenger(), async (served) => {
      const distant = await served.connect()
      await assert.rejects(distant.contacts.get(contact('Bob').id), {
        name: 'MessengerError',
        code: 'UNKNOWN_CONTACT',
        message: 'No such contact'
      })
      for (const never of [distant.wipe, distant.stop, distant.setPower, distant.identity.renew])
        await assert.rejects(never(), { code: 'OPTIONS_INVALID' })
    })
  })

  it('gives the history page by page, as often as it is asked', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    for (let number = 1; number <= 5; number++) messenger.receive(message(number, `text ${String(number)}`))
    const { conversationId } = contact('Bob')
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      for (let time = 0; time < 100; time++) {
        const page: string[] = []
        const wanted = { limit: 2, before: message(5, '').position }
        for await (const { position } of distant.conversations.messages(conversationId, wanted))
          page.push(position)
        assert.deepEqual(page, [message(3, '').position, message(4, '').position])
      }
      // Nor does one that is left early stay open.
      for (let time = 0; time < 100; time++)
        for await (const first of distant.conversations.messages(conversationId)) {
          assert.equal(first.position, message(1, '').position)
          break
        }
    })
  })

  it('tells of what happens there before it answers what comes of it', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.reaches = ['sent', 'delivered']
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const delivered = new Promise<string>((resolve) => {
        distant.addEventListener('message:update', ({ detail }) => {
          if (detail.status === 'delivered') resolve(detail.id)
        })
      })
      const { id } = await distant.send(contact('Bob').conversationId, 'hi')
      assert.equal(await delivered, id)
      assert.equal(messenger.listenerCount('message:update'), 1)
      assert.equal(messenger.listenerCount('contact:update'), 0)
      await distant.close()
      await served.server.close()
      assert.equal(messenger.listenerCount('message:update'), 0)
    })
  })

  it('writes a file no faster than it is taken', async () => {
    const messenger = new CountingMessenger()
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const pieces: Uint8Array[] = []
      const shown: number[] = []
      const report = await distant.exportParcels(
        async (source) => {
          for await (const piece of source) {
            assert.equal(messenger.given, pieces.length + 1)
            pieces.push(piece)
          }
        },
        { onProgress: ({ envelopes }) => shown.push(envelopes) }
      )
      assert.deepEqual([report.envelopes, pieces.length, shown.length], [50, 50, 50])
    })
  })

  it('fails as the sink fails, as the export fails, and when it is aborted', async () => {
    const messenger = new CountingMessenger()
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const full = new Error('the stick is full')
      const fails = async (): Promise<void> => Promise.reject(full)
      await assert.rejects(distant.exportParcels(fails), full)
      await assert.rejects(
        distant.exportParcels(async (source) => {
          for await (const { length } of source) {
            assert.equal(length, 1)
            throw full
          }
        }),
        full
      )
      messenger.failsAt = 3
      let pieces = 0
      const takes: ParcelSink = async (source) => {
        for await (const { length } of source) pieces += length
      }
      await assert.rejects(distant.exportParcels(takes), { code: 'RECORD_DAMAGED' })
      assert.equal(pieces, 3)
      messenger.failsAt = 0
      await assert.rejects(distant.exportParcels(takes), { code: 'RECORD_DAMAGED' })
      messenger.failsAt = Infinity
      const controller = new AbortController()
      const hangs = async (): Promise<void> => {
        controller.abort()
        return new Promise(() => undefined)
      }
      await assert.rejects(distant.exportParcels(hangs, { signal: controller.signal }), { code: 'ABORTED' })
    })
  })

  it('leaves no file that looks whole when the other process ends in the midst of it', async () => {
    const messenger = new CountingMessenger()
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      let end = 'none'
      let closed: Promise<void> | undefined
      const sink: ParcelSink = async (source) => {
        try {
          for await (const { length } of source)
            closed ??= served.server.close().then(() => assert.ok(length))
          end = 'whole'
        } catch {
          end = 'cut off'
        }
      }
      await assert.rejects(distant.exportParcels(sink))
      await closed
      assert.equal(end, 'cut off')
    })
  })

  it('takes in a file, and tells how far it is', async () => {
    const messenger = new FakeMessenger()
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const shown: number[] = []
      const source = [Uint8Array.of(1, 2), new Uint8Array(1_000_000), Uint8Array.of(3)]
      const report = await distant.importParcels(source, { onProgress: ({ bytes }) => shown.push(bytes) })
      assert.equal(report.bytes, 1_000_003)
      assert.deepEqual(Buffer.from(messenger.carried), Buffer.concat(source))
      assert.deepEqual(shown, [2, 262_146, 524_290, 786_434, 1_000_002, 1_000_003])
      messenger.importRefusal = new MessengerError('FILE_INVALID', 'no file')
      await assert.rejects(distant.importParcels(source), { code: 'FILE_INVALID', message: 'no file' })
      const pulled = new Error('the stick was pulled out')
      const broken = async function* (): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(Uint8Array.of(1))
        throw pulled
      }
      await assert.rejects(distant.importParcels(broken()), pulled)
    })
  })

  it('refuses what is too large to be handed over, and goes on', async () => {
    await withServed(new FakeMessenger(contact('Bob')), async (served) => {
      const distant = await served.connect()
      const text = 'x'.repeat(5_000_000)
      await assert.rejects(distant.send(contact('Bob').conversationId, text), { code: 'TOO_LARGE' })
      assert.equal((await distant.contacts.list()).length, 1)
    })
  })

  it('passes on that something is to be ended early', async () => {
    const messenger = new FakeMessenger()
    const ended = dialUntilAborted(messenger)
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const controller = new AbortController()
      const dialled = distant.dial('/ip4/1', { signal: controller.signal })
      controller.abort()
      await assert.rejects(dialled, { code: 'ABORTED' })
      await assert.rejects(distant.dial('/ip4/1', { signal: AbortSignal.abort() }), { code: 'ABORTED' })
      assert.equal(ended(), 2)
    })
  })

  it('hangs up when what it was asked for is done', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.conversations.markRead = async () => new Promise((resolve) => setImmediate(resolve))
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const marked = distant.conversations.markRead(contact('Bob').conversationId).then(() => 'marked')
      await distant.close()
      assert.equal(await marked, 'marked')
    })
  })

  it('says that the other process is gone to everything that waits, and to what comes after', async () => {
    const messenger = new FakeMessenger()
    messenger.dial = async () => new Promise(() => undefined)
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const dialled = assert.rejects(distant.dial('/ip4/1'), { message: GONE })
      await distant.close()
      await distant.ended
      await dialled
      await assert.rejects(distant.status(), { message: GONE })
    })
  })
})

/** Exports fifty pieces, and counts how many were taken from it. */
class CountingMessenger extends FakeMessenger {
  given = 0
  failsAt = Infinity

  override async exportParcels(sink: ParcelSink, { onProgress, signal }: ExportOptions = {}) {
    this.given = 0
    const failure = (): MessengerError => new MessengerError('RECORD_DAMAGED', 'damaged')
    if (this.failsAt === 0) throw failure()
    const give = async function* (this: CountingMessenger): AsyncGenerator<Uint8Array> {
      while (this.given < 50) {
        if (this.given === this.failsAt) throw failure()
        this.given++
        onProgress?.({ envelopes: this.given, bytes: 0, left: 0 })
        yield await Promise.resolve(Uint8Array.of(this.given))
      }
    }
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new MessengerError('ABORTED', 'aborted')))
    })
    await Promise.race([sink(give.call(this)), aborted])
    return { envelopes: this.given, bytes: 0, left: 0 }
  }
}

import assert from 'node:assert/strict'
import { MAX_PARCEL_BYTES } from '../../src/codec/parcel.js'
import { isMessengerError } from '../../src/errors.js'
import type { ErrorCode } from '../../src/errors.js'
import {
  MAX_REQUEST_BYTES,
  MAX_RESPONSE_BYTES,
  MAX_STREAM_MESSAGE,
  MAX_STREAM_UNREAD
} from '../../src/network/limits.js'
import type { Network, PeerName, PeerStream } from '../../src/network/network.js'
import { createRecorder, numbered, numberOf } from '../support/network-recorder.js'
import type { Recorder } from '../support/network-recorder.js'

/** Where an adapter's networks live. Its nodes are linked by dialling alone. */
export interface NetworkFixture {
  readonly topic: string
  readonly protocol: string
  /** Of streams of messages. */
  readonly streamProtocol: string
  /** A network that is not started. */
  create(name: string): Promise<Network>
  /** Let time pass until this holds; rejects if it does not within some seconds. */
  until(what: string, predicate: () => boolean): Promise<void>
  /** Let everybody else do something, without time passing. */
  breathe(): Promise<void>
  /** Let time pass as long as a message could possibly take. */
  quiet(): Promise<void>
  /** An address of the right form where nobody listens. */
  readonly deadAddress: string
  close(): Promise<void>
}

interface Node extends Recorder {
  readonly network: Network
}

/** What every `Network` must do, whatever it is made of. */
export function describeNetwork(adapter: string, createFixture: () => NetworkFixture): void {
  describe(`${adapter} is a network`, () => {
    let fixture: NetworkFixture
    let nodes: Node[]

    beforeEach(() => {
      fixture = createFixture()
      nodes = []
    })

    afterEach(async () => {
      for (const { network } of nodes) await network.stop()
      await fixture.close()
    })

    async function create(name: string): Promise<Node> {
      const node = Object.assign(createRecorder(), { network: await fixture.create(name) })
      nodes.push(node)
      return node
    }

    async function open(name: string): Promise<Node> {
      const node = await create(name)
      node.network.join(fixture.topic)
      await node.network.start(node.handlers)
      return node
    }

    /** Dial, and wait until each can write to the other. */
    async function link(one: Node, other: Node): Promise<void> {
      const [before, otherBefore] = [one.joins.length, other.joins.length]
      const dialled = one.network.dial(addressOf(other))
      await fixture.until('the dial to succeed', () => one.network.peers().length > 0)
      await dialled
      await fixture.until('both to see the other join', () => {
        return one.joins.length > before && other.joins.length > otherBefore
      })
    }

    async function pair(): Promise<readonly [Node, Node]> {
      const [alice, bob] = [await open('alice'), await open('bob')]
      await link(alice, bob)
      return [alice, bob]
    }

    describe('links', () => {
      it('tells both ends of a new link and who is in which topic', async () => {
        const [alice, bob] = await pair()
        const [toBob] = alice.network.peers()
        const [toAlice] = bob.network.peers()
        assert.ok(toBob !== undefined && toAlice !== undefined)
        assert.deepEqual([toBob.direction, toAlice.direction], ['outbound', 'inbound'])
        assert.deepEqual([toBob.topics, toAlice.topics], [[fixture.topic], [fixture.topic]])
        assert.deepEqual(alice.joins.at(-1), `${fixture.topic} ${toBob.peer}`)
        assert.ok(toBob.since > 0)
      })

      it('rejects an address that is none, and one where nobody answers', async () => {
        const alice = await open('alice')
        await rejects(alice.network.dial('where the lighthouse is'), 'ADDRESS_INVALID')
        const dialled = rejects(alice.network.dial(fixture.deadAddress), 'DIAL_FAILED')
        await fixture.quiet()
        await dialled
      })

      it('does not dial before it is started', async () => {
        const alice = await create('alice')
        await rejects(alice.network.dial(fixture.deadAddress), 'NOT_STARTED')
      })

      it('keeps a link up that was asked for before the start, and again after the other was away', async () => {
        const [alice, bob] = [await create('alice'), await open('bob')]
        alice.network.join(fixture.topic)
        alice.network.keep([{ id: 'bob', addresses: [fixture.deadAddress, addressOf(bob)] }])
        await alice.network.start(alice.handlers)
        await fixture.until('the kept link', () => alice.joins.length > 0)
        alice.network.keep([])
        await bob.network.stop()
        await fixture.until('the link to be gone', () => alice.network.peers().length === 0)
        await bob.network.start(bob.handlers)
        alice.network.keep([{ id: 'bob', addresses: [addressOf(bob)] }])
        await fixture.until('the link to be back', () => alice.network.peers().length === 1)
      })
    })

    describe('topics', () => {
      it('carries an envelope to everybody else in the topic, once, and never back', async () => {
        const [alice, bob] = await pair()
        const carol = await open('carol')
        await link(carol, bob)
        await alice.network.publish(fixture.topic, numbered(7))
        await fixture.until('carol to receive it', () => carol.envelopes.length > 0)
        await fixture.quiet()
        assert.deepEqual([alice, bob, carol].map(received), [[], [7], [7]])
        assert.equal(bob.senders[0], bob.joins[0]?.split(' ')[1])
      })

      it('says that nobody was there, and gives a late joiner nothing of the past', async () => {
        const [alice, bob] = [await open('alice'), await open('bob')]
        assert.deepEqual(await alice.network.publish(fixture.topic, numbered(1)), { recipients: 0 })
        await link(alice, bob)
        await fixture.quiet()
        assert.deepEqual(received(bob), [])
      })

      it('delivers what is published in answer to a join', async () => {
        const [alice, bob] = [await open('alice'), await open('bob')]
        let published: Promise<{ readonly recipients: number }> | undefined
        alice.onEvent = () => {
          if (alice.joins.length > 0) published ??= alice.network.publish(fixture.topic, numbered(3))
        }
        await link(bob, alice)
        await fixture.until('bob to receive it', () => bob.envelopes.length > 0)
        // It may arrive before she is told how many it went to.
        assert.deepEqual([(await published)?.recipients, received(bob)], [1, [3]])
      })

      it('carries many envelopes in few parcels, all of them, in order', async () => {
        const [alice, bob] = await pair()
        const numbers = Array.from({ length: 1_000 }, (_, number) => number)
        const published = await Promise.all(
          numbers.map((number) => alice.network.publish(fixture.topic, numbered(number)))
        )
        assert.ok(published.every(({ recipients }) => recipients === 1))
        await fixture.until('bob to receive them', () => bob.envelopes.length === numbers.length)
        assert.deepEqual(received(bob), numbers)
        assert.ok(bob.parcels < 20, `${String(bob.parcels)} parcels`)
      })

      it('carries the same envelope again when it is published again', async () => {
        const [alice, bob] = await pair()
        await alice.network.publish(fixture.topic, numbered(5))
        await alice.network.publish(fixture.topic, numbered(5))
        await fixture.until('bob to receive both', () => bob.envelopes.length === 2)
      })

      it('hands over only what inspect accepts', async () => {
        const [alice, bob] = await pair()
        for (const [count, verdict] of (['ignore', 'reject', 'accept', 'keep'] as const).entries()) {
          bob.verdict = verdict
          await alice.network.publish(fixture.topic, numbered(verdict.length))
          await fixture.until('bob to look at it', () => bob.inspected === count + 1)
        }
        await fixture.until('bob to receive two', () => bob.envelopes.length > 1)
        assert.deepEqual(received(bob), ['accept'.length, 'keep'.length])
      })

      it('forwards nothing of what inspect only keeps', async () => {
        const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
        await link(alice, bob)
        await link(carol, bob)
        for (const [number, verdict] of (['keep', 'accept'] as const).entries()) {
          bob.verdict = verdict
          await alice.network.publish(fixture.topic, numbered(number))
          await fixture.until('bob to receive it', () => bob.envelopes.length === number + 1)
        }
        await fixture.until('carol to receive one', () => carol.envelopes.length > 0)
        await fixture.quiet()
        assert.deepEqual(received(carol), [1])
        assert.deepEqual(bob.senders.length, 2)
      })

      it('hears nothing of a topic it has left, and again when it is back', async () => {
        const [alice, bob] = await pair()
        bob.network.leave(fixture.topic)
        await fixture.until('alice to see it', () => alice.network.peers()[0]?.topics.length === 0)
        assert.deepEqual(await alice.network.publish(fixture.topic, numbered(1)), { recipients: 0 })
        assert.deepEqual(received(bob), [])
        const joins = alice.joins.length
        bob.network.join(fixture.topic)
        await fixture.until('alice to see it', () => alice.joins.length > joins)
        await alice.network.publish(fixture.topic, numbered(2))
        // Gossip may now tell of the first one as well: it remembers some seconds.
        await fixture.until('bob to receive it', () => received(bob).includes(2))
      })

      it('refuses an envelope that fits no parcel', async () => {
        const alice = await open('alice')
        await rejects(alice.network.publish(fixture.topic, numbered(1, MAX_PARCEL_BYTES)), 'TOO_LARGE')
      })
    })

    describe('direct requests', () => {
      it('brings the answer, in both directions', async () => {
        const [alice, bob] = await pair()
        assert.deepEqual(await ask(alice, bob, Uint8Array.of(1, 2, 3)), Uint8Array.of(3, 2, 1))
        assert.deepEqual(await ask(bob, alice, Uint8Array.of(4, 5)), Uint8Array.of(5, 4))
      })

      it('answers many at once', async () => {
        const [alice, bob] = await pair()
        const answers = Promise.all(
          Array.from({ length: 20 }, (_, n) => ask(alice, bob, Uint8Array.of(n, 0)))
        )
        await fixture.quiet()
        assert.deepEqual(
          (await answers).map((answer) => answer[1]),
          Array.from({ length: 20 }, (_, n) => n)
        )
      })

      it('takes requests and responses of the greatest length, and no longer ones', async () => {
        const [alice, bob] = await pair()
        bob.answer = () => Promise.resolve(new Uint8Array(MAX_RESPONSE_BYTES))
        assert.equal((await ask(alice, bob, new Uint8Array(MAX_REQUEST_BYTES))).length, MAX_RESPONSE_BYTES)
        await rejects(ask(alice, bob, new Uint8Array(MAX_REQUEST_BYTES + 1)), 'TOO_LARGE')
        bob.answer = () => Promise.resolve(new Uint8Array(MAX_RESPONSE_BYTES + 1))
        await rejects(ask(alice, bob, Uint8Array.of(1)), 'NETWORK_FAILED')
      })

      it('fails if there is no link, or the other has no answer, and works again after that', async () => {
        const [alice, bob] = await pair()
        await rejects(alice.network.request('nobody', fixture.protocol, Uint8Array.of(1)), 'NETWORK_FAILED')
        bob.answer = () => Promise.resolve(undefined)
        await rejects(ask(alice, bob, Uint8Array.of(1)), 'NETWORK_FAILED')
        bob.answer = () => Promise.reject(new Error('no bundle'))
        await rejects(ask(alice, bob, Uint8Array.of(1)), 'NETWORK_FAILED')
        bob.answer = (_, request) => Promise.resolve(request)
        assert.deepEqual(await ask(alice, bob, Uint8Array.of(9)), Uint8Array.of(9))
      })

      it('can be aborted', async () => {
        const [alice, bob] = await pair()
        const controller = new AbortController()
        bob.answer = () => {
          controller.abort()
          return new Promise(() => undefined)
        }
        await rejects(ask(alice, bob, Uint8Array.of(1), controller.signal), 'ABORTED')
      })

      it('hold up no other when they are aborted while they begin', async () => {
        const [alice, bob] = await pair()
        bob.answer = (_, request) =>
          request[0] === 1 ? new Promise(() => undefined) : Promise.resolve(request)
        const controller = new AbortController()
        const first = ask(alice, bob, Uint8Array.of(1), controller.signal)
        const second = ask(alice, bob, Uint8Array.of(2))
        await Promise.resolve()
        controller.abort()
        await rejects(first, 'ABORTED')
        assert.deepEqual(await second, Uint8Array.of(2))
      })

      async function ask(
        from: Node,
        to: Node,
        request: Uint8Array,
        signal?: AbortSignal
      ): Promise<Uint8Array> {
        const options = signal === undefined ? {} : { signal }
        const asked = from.network.request(peerOf(from, to), fixture.protocol, request, options)
        let settled = false
        const settle = (): void => {
          settled = true
        }
        asked.then(settle, settle)
        await fixture.until('the answer', () => settled)
        return asked
      }
    })

    describe('streams', () => {
      it('carry messages in order, both ways, of any length up to the greatest', async () => {
        const [alice, bob] = await pair()
        const [mine, theirs] = await streams(alice, bob)
        for (const first of [1, 2, 3]) await mine.send(Uint8Array.of(first, 9))
        await theirs.send(new Uint8Array(MAX_STREAM_MESSAGE).fill(7))
        await theirs.send(new Uint8Array(0))
        for (const first of [1, 2, 3]) assert.deepEqual(await next(theirs), Uint8Array.of(first, 9))
        assert.deepEqual(await next(mine), new Uint8Array(MAX_STREAM_MESSAGE).fill(7))
        assert.deepEqual(await next(mine), new Uint8Array(0))
        await rejects(mine.send(new Uint8Array(MAX_STREAM_MESSAGE + 1)), 'TOO_LARGE')
      })

      it('know from whom they are', async () => {
        const [alice, bob] = await pair()
        const [mine, theirs] = await streams(alice, bob)
        assert.deepEqual(
          [mine.peer, theirs.peer],
          [alice.network.peers()[0]?.peer, bob.network.peers()[0]?.peer]
        )
      })

      it('can be closed in one direction, and go on in the other', async () => {
        const [alice, bob] = await pair()
        const [mine, theirs] = await streams(alice, bob)
        await mine.send(Uint8Array.of(1))
        await mine.close()
        assert.deepEqual(await next(theirs), Uint8Array.of(1))
        assert.equal(await next(theirs), undefined)
        await theirs.send(Uint8Array.of(2))
        await theirs.close()
        assert.deepEqual(await next(mine), Uint8Array.of(2))
        assert.equal(await next(mine), undefined)
        await rejects(mine.send(Uint8Array.of(3)), 'NETWORK_FAILED')
      })

      it('break for both when one aborts, and others may be opened', async () => {
        const [alice, bob] = await pair()
        const [mine, theirs] = await streams(alice, bob)
        mine.abort()
        await rejects(next(theirs), 'NETWORK_FAILED')
        await rejects(mine.receive(), 'NETWORK_FAILED')
        const [again, there] = await streams(bob, alice)
        await again.send(Uint8Array.of(4))
        assert.deepEqual(await next(there), Uint8Array.of(4))
      })

      it('break for whoever sends far more than is read', async () => {
        const [alice, bob] = await pair()
        const [mine, theirs] = await streams(alice, bob)
        const flood = (async () => {
          for (let sent = 0; sent < 40 * MAX_STREAM_UNREAD; sent += MAX_STREAM_MESSAGE) {
            await mine.send(new Uint8Array(MAX_STREAM_MESSAGE))
            await fixture.breathe()
          }
        })()
        await rejects(flood, 'NETWORK_FAILED')
        await rejects(theirs.receive(), 'NETWORK_FAILED')
      })

      it('end with the link, and cannot be opened without one', async () => {
        const [alice, bob] = await pair()
        const [mine] = await streams(alice, bob)
        await bob.network.stop()
        assert.equal(await next(mine).catch(() => undefined), undefined)
        await fixture.until('the link to be gone', () => alice.network.peers().length === 0)
        await rejects(mine.send(Uint8Array.of(1)), 'NETWORK_FAILED')
        await rejects(settled(alice.network.openStream('nobody', fixture.streamProtocol)), 'NETWORK_FAILED')
      })

      it('can be given up before they are open', async () => {
        const [alice, bob] = await pair()
        const signal = AbortSignal.abort()
        await rejects(
          settled(alice.network.openStream(peerOf(alice, bob), fixture.streamProtocol, { signal })),
          'ABORTED'
        )
      })

      it('are not handed over to who gives them up while they are being opened', async () => {
        const [alice, bob] = await pair()
        const controller = new AbortController()
        const { signal } = controller
        const opened = alice.network.openStream(peerOf(alice, bob), fixture.streamProtocol, { signal })
        await Promise.resolve()
        controller.abort()
        await rejects(settled(opened), 'ABORTED')
      })

      /** A stream from one to the other, and its other end. */
      async function streams(from: Node, to: Node): Promise<readonly [PeerStream, PeerStream]> {
        const before = to.streams.length
        const mine = await settled(from.network.openStream(peerOf(from, to), fixture.streamProtocol))
        await fixture.until('the stream to be there', () => to.streams.length > before)
        const theirs = to.streams.at(-1)
        assert.ok(theirs !== undefined)
        return [mine, theirs]
      }

      function next(stream: PeerStream): Promise<Uint8Array | undefined> {
        return settled(stream.receive())
      }

      async function settled<Result>(promise: Promise<Result>): Promise<Result> {
        let isSettled = false
        const settle = (): void => {
          isSettled = true
        }
        promise.then(settle, settle)
        await fixture.until('an end', () => isSettled)
        return promise
      }
    })

    describe('start and stop', () => {
      it('may be started and stopped twice', async () => {
        const alice = await open('alice')
        await alice.network.start(alice.handlers)
        await alice.network.stop()
        await alice.network.stop()
      })

      it('knows nobody while stopped, and sends to nobody', async () => {
        const [alice, bob] = await pair()
        await alice.network.stop()
        assert.deepEqual([alice.network.peers(), alice.network.addresses()], [[], []])
        assert.deepEqual(await alice.network.publish(fixture.topic, numbered(1)), { recipients: 0 })
        await fixture.until('bob to see that', () => bob.network.peers().length === 0)
      })

      it('takes part in its topics again after the next start', async () => {
        const [alice, bob] = await pair()
        await bob.network.stop()
        await fixture.until('alice to see that', () => alice.network.peers().length === 0)
        await bob.network.start(bob.handlers)
        await link(bob, alice)
        await alice.network.publish(fixture.topic, numbered(8))
        await fixture.until('bob to receive it', () => bob.envelopes.length > 0)
        assert.deepEqual(received(bob), [8])
      })
    })
  })
}

function received(node: Node): number[] {
  return node.envelopes.map(numberOf)
}

function peerOf(from: Node, to: Node): PeerName {
  return from.network.peers().find(({ peer }) => addressOf(to).endsWith(peer))?.peer ?? 'nobody'
}

function addressOf(node: Node): string {
  return node.network.addresses()[0] ?? ''
}

function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  return assert.rejects(promise, (error: unknown) => {
    assert.ok(isMessengerError(error, code), String(error))
    return true
  })
}

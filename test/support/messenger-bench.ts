import assert from 'node:assert/strict'
import type { Clock } from '../../src/clock.js'
import type { IdentityId } from '../../src/codec/ids.js'
import type { RandomSource } from '../../src/crypto/random.js'
import { Node } from '../../src/messenger/node.js'
import { StorePlace } from '../../src/messenger/continuity/store-place.js'
import { platform } from '../../src/platform/node.js'
import { loadOwn } from '../../src/messenger/restore.js'
import type { Context } from '../../src/messenger/context.js'
import type { Unit } from '../../src/messenger/unit.js'
import type { PeerState } from '../../src/messenger/peer-state.js'
import { addContact } from '../../src/messenger/contacts/contacts.js'
import { makeCard } from '../../src/messenger/contacts/own-identity.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { createMemoryHub, type MemoryHub } from '../../src/network/memory-network.js'
import type { Network } from '../../src/network/network.js'
import {
  encodePrefix,
  expiryDay,
  LANE_TAGGED,
  outlineEnvelope
} from '../../src/protocol/envelope/envelope.js'
import { DAY_MS, MAILBOX_QUOTA } from '../../src/protocol/limits.js'
import { envelopeId } from '../../src/protocol/sync/item.js'
import { topicName } from '../../src/protocol/envelope/topic.js'
import { forgetLost, hasLost } from '../../src/storage/level-files/node.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { Tables } from '../../src/storage/records/tables.js'
import { UNBROKEN } from '../../src/storage/records/continuity-record.js'
import { openSealedStore } from '../../src/storage/sealed-store.js'
import type { Store } from '../../src/storage/store.js'
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.js'
import { seededRandom } from './store-random.js'

/** Messengers taken apart, for the specs of their parts: one memory network, one clock, nothing on disk. */
export interface Bench {
  readonly clock: VirtualClock
  readonly hub: MemoryHub
  /** A node that has read its store; started unless told otherwise. Its envelopes are kept in `published`. */
  open(
    name: string,
    options?: { readonly start?: boolean; readonly store?: Store; readonly clock?: Clock }
  ): Promise<BenchNode>
  /** Let time pass until a promise has settled. */
  run<T>(promise: Promise<T>): Promise<T>
  until(predicate: () => boolean, limitMs?: number): Promise<void>
}

export interface BenchNode {
  readonly node: Node
  readonly context: Context
  readonly published: Uint8Array[]
  /** Failures that nobody waited for. */
  readonly warnings: string[]
}

const UNLOCK = { kind: 'key', key: new Uint8Array(32).fill(4) } as const

export function createBench(seed = 1): Bench {
  const clock = createVirtualClock()
  const hub = createMemoryHub({ clock, seed })

  async function run<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const settle = (): void => {
      settled = true
    }
    promise.then(settle, settle)
    await clock.runUntil(() => settled, 60_000)
    return await promise
  }

  return {
    clock,
    hub,
    run,
    until: (predicate, limitMs = 60_000) => clock.runUntil(predicate, limitMs),
    async open(name, { start = true, store: plain = createMemoryStore(), clock: own = clock } = {}) {
      const random = seededRandom(`${String(seed)}/${name}`)
      const store = await openSealedStore(plain, { unlock: UNLOCK, random })
      const tables = new Tables((label, id) => store.blind(label, id))
      const published: Uint8Array[] = []
      const warnings: string[] = []
      const node = new Node({
        clock: own,
        random,
        logger: {
          debug: () => undefined,
          warn: (message, facts) => warnings.push(`${message} ${JSON.stringify(facts)}`)
        },
        store,
        tables,
        network: recording(hub.createNetwork(name), published),
        networkName: 'main',
        topic: topicName('main'),
        own: { ...(await loadOwn(store, tables, name, clock.now(), random)), continuity: UNBROKEN },
        place: new StorePlace({ ...platform, hasLost, forgetLost }, undefined, random),
        quota: MAILBOX_QUOTA
      })
      await run(node.open())
      if (start) await run(node.start())
      return { node, context: node.context, published, warnings }
    }
  }
}

function recording(network: Network, published: Uint8Array[]): Network {
  return {
    start: (handlers) => network.start(handlers),
    stop: () => network.stop(),
    join: (topic) => {
      network.join(topic)
    },
    leave: (topic) => {
      network.leave(topic)
    },
    publish: (topic, envelope, options) => {
      published.push(envelope.slice())
      return network.publish(topic, envelope, options)
    },
    request: (peer, protocol, request, options) => network.request(peer, protocol, request, options),
    openStream: (peer, protocol, options) => network.openStream(peer, protocol, options),
    dial: (address, options) => network.dial(address, options),
    keep: (links) => {
      network.keep(links)
    },
    peers: () => network.peers(),
    addresses: () => network.addresses()
  }
}

/** Run one step on a contact's state, and see what it left. */
export async function step<T>(
  bench: Bench,
  context: Context,
  id: IdentityId,
  work: (unit: Unit) => T | Promise<T>
): Promise<T> {
  return await bench.run(context.queue.run(id, work))
}

/** The one contact there is. */
export function onlyState(context: Context): PeerState {
  const [state, ...others] = context.queue.states.values()
  if (state === undefined || others.length > 0) throw new Error(`${String(others.length)} other contacts`)
  return state
}

/** Puts so many envelopes of strangers for strangers into the mailboxes of nodes. */
export function fillMailboxes(
  { clock }: Bench,
  nodes: readonly BenchNode[],
  random: RandomSource,
  count: number,
  size = 512
): void {
  for (let n = 0; n < count; n++) {
    const envelope = new Uint8Array(size)
    envelope.set(encodePrefix(LANE_TAGGED, expiryDay(clock.now(), 7 * DAY_MS), random(16)))
    const outlined = outlineEnvelope(envelope, clock.now())
    assert.ok(outlined.kind === 'outlined')
    for (const { context } of nodes)
      context.mailbox.take(outlined.outline, envelopeId(envelope), 'somebody', 'stranger')
  }
}

/** Alice and Bob who have spoken: established on both sides, everything acknowledged. Alice keeps hers in `store`. */
export async function friends(
  bench: Bench,
  store?: Store
): Promise<readonly [alice: BenchNode, bob: BenchNode]> {
  const alice = await bench.open('alice', store === undefined ? {} : { store })
  const bob = await bench.open('bob')
  const card = await bench.run(makeCard(alice.context, { size: 'full' }))
  const { conversationId } = await bench.run(addContact(bob.context, card))
  await bench.run(sendMessage(bob.context, conversationId, 'hello'))
  await bench.until(() => alice.context.queue.states.size === 1)
  await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'hello'))
  await bench.until(() => alice.context.outbox.size === 0 && bob.context.outbox.size === 0)
  return [alice, bob]
}

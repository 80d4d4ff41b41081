import type { IdentityId } from '../../../src/codec/ids.js'
import { isMessengerError } from '../../../src/errors.js'
import { listConversations, readMessages } from '../../../src/messenger/history.js'
import { Inbound } from '../../../src/messenger/receive/inbound.js'
import type { PeerState } from '../../../src/messenger/peer-state.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import {
  MAX_PARENTS,
  MAX_SESSIONS_PER_CONTACT,
  MAX_SKIPPED_PER_SESSION,
  MAX_STREAMS
} from '../../../src/protocol/limits.js'
import { createMemoryStore } from '../../../src/storage/memory-store.js'
import { contactRecord } from '../../../src/storage/records/contact-record.js'
import { conversationRecord } from '../../../src/storage/records/conversation-record.js'
import type { RecordCodec } from '../../../src/storage/records/record-codec.js'
import { sessionRecord } from '../../../src/storage/records/session-record.js'
import type { Store } from '../../../src/storage/store.js'
import { createBench, friends, type Bench, type BenchNode } from '../../support/messenger-bench.js'
import { joined, must } from '../../support/protocol-values.js'
import { promise, promiseSame } from '../target.js'

/** Inputs one messenger takes before another begins where the first did. */
const INPUTS_PER_LIFE = 500

/** Alice's messenger, which hears only what a fuzz target gives it, and Bob's, her friend. */
export interface Surroundings {
  readonly bench: Bench
  readonly alice: BenchNode
  readonly bob: BenchNode
  readonly inbound: Inbound
  /** Why something was refused, since it was last looked at. */
  readonly refused: Set<string>
  readonly store: Store
}

/** A store that outlives who closes it. */
function createLastingStore(): Store {
  const store = createMemoryStore()
  return {
    get: (key) => store.get(key),
    range: (range) => store.range(range),
    commit: (writes) => store.commit(writes),
    close: () => Promise.resolve()
  }
}

export async function createSurroundings(): Promise<Surroundings> {
  const bench = createBench(0xf1)
  const store = createLastingStore()
  const [alice, bob] = await friends(bench, store)
  await bench.clock.advance(5_000)
  bench.hub.partition([['alice'], ['bob']])
  const refused = new Set<string>()
  alice.context.events.addEventListener('envelope:reject', ({ detail }) => refused.add(detail.reason))
  return { bench, alice, bob, inbound: new Inbound(alice.context), refused, store }
}

/** Everything Alice keeps in memory about her contacts, as bytes. */
export function memoryOf({ alice }: Surroundings): Uint8Array {
  const states = [...alice.context.queue.states.values()]
  return joined(
    ...states.flatMap(({ contact, conversation, sessions }) => [
      contactRecord.encode(contact).slice(),
      conversationRecord.encode(conversation).slice(),
      ...sessions.map((session) => sessionRecord.encode(session).slice())
    ]),
    Uint8Array.of(alice.context.invites.size)
  )
}

function promiseRecord<T>(codec: RecordCodec<T>, value: T): void {
  const kept = codec.encode(value).slice()
  promiseSame(codec.encode(codec.decode(kept)), kept, 'what is kept can be read again')
}

function promiseBounds({ contact, conversation, sessions }: PeerState): void {
  promise(sessions.length <= MAX_SESSIONS_PER_CONTACT, 'sessions have their bound')
  promise(conversation.streams.length <= MAX_STREAMS, 'streams have theirs')
  promise(conversation.order.heads.length <= MAX_PARENTS, 'heads have theirs')
  promise(Number.isSafeInteger(conversation.order.clock), 'a clock is a number')
  for (const session of sessions) {
    promise(session.skippedCount <= MAX_SKIPPED_PER_SESSION, 'skipped keys have theirs')
    promiseRecord(sessionRecord, session)
  }
  promiseRecord(contactRecord, contact)
  promiseRecord(conversationRecord, conversation)
}

/** What holds whatever Alice was given. */
export function promiseSound({ alice }: Surroundings): void {
  promise(alice.warnings.length === 0, `nothing fails: ${alice.warnings.join('; ')}`)
  for (const state of alice.context.queue.states.values()) promiseBounds(state)
}

async function sends(bench: Bench, node: BenchNode, state: PeerState): Promise<void> {
  try {
    await bench.run(sendMessage(node.context, state.conversation.id, 'still here'))
  } catch (error) {
    // Somebody with Bob's keys has contradicted him: her user is asked first.
    if (!isMessengerError(error, 'IDENTITY_CHANGED')) throw error
  }
}

/** What must work after all of it: Alice reads her history and writes to everybody, also after a restart. */
export async function endSurroundings(around: Surroundings): Promise<void> {
  const { bench, alice, store } = around
  await bench.clock.advance(60_000)
  promiseSound(around)
  await bench.run(alice.node.close())
  const again = await bench.open('alice again', { start: false, store })
  promise(again.warnings.length === 0, `a restart goes well: ${again.warnings.join('; ')}`)
  promise(again.context.queue.states.size === alice.context.queue.states.size, 'nobody is lost')
  for (const { id } of await listConversations(again.context)) {
    let before = ''
    for await (const { position } of readMessages(again.context, id, { limit: 100_000 })) {
      promise(before < position, 'a history is in order')
      before = position
    }
  }
  for (const state of again.context.queue.states.values()) await sends(bench, again, state)
  await bench.run(again.node.close())
}

/** Hands out surroundings that are begun anew after so many inputs, each time `prepared` alike. */
export function createLives(prepare?: (around: Surroundings) => Promise<unknown>): {
  next(): Promise<Surroundings>
  end(): Promise<void>
} {
  let current: Surroundings | undefined
  let inputs = 0
  const end = async (): Promise<void> => {
    if (current !== undefined) await endSurroundings(current)
    current = undefined
  }
  return {
    end,
    async next() {
      if (inputs++ % INPUTS_PER_LIFE === 0) {
        await end()
        current = await createSurroundings()
        await prepare?.(current)
      } else if (inputs % 16 === 0) await must(current).bench.clock.advance(200)
      const around = must(current)
      around.refused.clear()
      around.alice.published.length = 0
      return around
    }
  }
}

/** Alice's friend Bob, as she knows him. */
export function friendOf({ alice, bob }: Surroundings): PeerState {
  const id: IdentityId = bob.context.ownId
  return must(alice.context.queue.states.get(id))
}

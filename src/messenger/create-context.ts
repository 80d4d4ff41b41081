import type { ConversationId, IdentityId } from '../codec/ids.js'
import { identityId } from '../protocol/identity/identity.js'
import type { TagRun } from '../protocol/ratchet/expected-tags.js'
import { Budget } from './budget.js'
import { createMailbox } from './carry/carrying.js'
import { markHeld } from './carry/mark-held.js'
import { ContactQueue } from './contact-queue.js'
import { OwnProfile } from './contacts/own-profile.js'
import type { Context } from './context.js'
import { Events } from './events.js'
import { meteredNetwork } from './metered-network.js'
import type { PeerState } from './peer-state.js'
import { RecentMessages } from './receive/recent-messages.js'
import { Seen } from './receive/seen.js'
import { TagIndex } from './receive/tag-index.js'
import { sealOutgoing } from './send/enqueue.js'
import { Tail } from './tail.js'

type Given =
  | 'clock'
  | 'random'
  | 'hmacsBeside'
  | 'logger'
  | 'store'
  | 'tables'
  | 'network'
  | 'networkName'
  | 'topic'
  | 'own'
  | 'place'

/** What a context is made of. */
export interface ContextParts extends Pick<Context, Given> {
  /** Bytes of envelopes kept for others. */
  readonly quota: number
  /** Bytes that may be sent within an hour; no bound if not given. */
  readonly bytesPerHour?: number | undefined
}

type Called =
  | 'onFailure'
  | 'flush'
  | 'owesReceipt'
  | 'greet'
  | 'forgetContact'
  | 'sealSoon'
  | 'lookUpBundles'
  | 'lookThrough'
  | 'heardInGossip'
  | 'publishOnce'

/** What use-cases call through the context, and what is told of it. */
export interface ContextCalls extends Pick<Context, Called> {
  /** A contact's state was committed, and what follows from that has not happened yet. */
  onChange(id: IdentityId, before: PeerState | undefined, after: PeerState | undefined): void
  /** Tags are waited for that were not before. */
  expect(run: TagRun): void
}

/** The context of a node whose store is not read yet. Nothing is called before this has returned. */
export function createContext(parts: ContextParts, calls: ContextCalls): Context {
  const { clock, store, tables } = parts
  const failureOf = (what: string) => (error: unknown) => {
    calls.onFailure(what, error)
  }
  const budget = new Budget({ ...parts, onFailure: failureOf('budget') })
  const queue = new ContactQueue({
    store,
    tables,
    seal: async (unit, outgoing) => {
      await sealOutgoing(context, unit, outgoing)
    },
    onChange: (id, before, after) => {
      calls.onChange(id, before, after)
    },
    turnEnd: () =>
      new Promise((resolve) => {
        clock.schedule(0, resolve)
      }),
    onCommitFailed: failureOf('commit'),
    onEffectFailed: failureOf('effect')
  })
  const context: Context = {
    ...parts,
    ...calls,
    ...createMailbox({ ...parts, onFailure: failureOf('mailbox') }, (held) => {
      markHeld(context, held)
    }),
    budget,
    network: meteredNetwork(parts.network, budget),
    queue,
    tags: new TagIndex((run) => {
      calls.expect(run)
    }),
    seen: new Seen(),
    reconciledAt: new Map(),
    recent: new RecentMessages(),
    events: new Events(),
    tail: new Tail(),
    conversations: new Map<ConversationId, IdentityId>(),
    invites: new Map(),
    ownId: identityId(parts.own.record.identity.signing.publicKey),
    profile: new OwnProfile(parts),
    state: initialState()
  }
  return context
}

function initialState(): Context['state'] {
  return {
    started: false,
    closed: false,
    storage: 'ok',
    resting: false,
    linked: new Set(),
    contactPeers: new Set()
  }
}

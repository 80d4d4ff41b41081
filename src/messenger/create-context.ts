import type { IdentityId } from '../codec/ids.js'
import { isMessengerError } from '../errors.js'
import { identityId } from '../protocol/identity/identity.js'
import { emitSession } from './announce.js'
import { Budget } from './budget.js'
import { createMailbox } from './carry/carrying.js'
import { markHeld } from './carry/mark-held.js'
import { ContactQueue } from './contact-queue.js'
import { OwnProfile } from './contacts/own-profile.js'
import type { Context, ContextParts, NodeCalls } from './context.js'
import { Events } from './events.js'
import { meteredNetwork } from './metered-network.js'
import type { PeerState } from './peer-state.js'
import { leavesKeys, pruneOrphans } from './receive/prune.js'
import { isMoreWelcome } from './receive/admit.js'
import { RecentMessages } from './receive/recent-messages.js'
import { Seen } from './receive/seen.js'
import { TagIndex } from './receive/tag-index.js'
import { sealOutgoing, sealWaiting } from './send/enqueue.js'
import { Sealing } from './send/sealing.js'
import { Tail } from './tail.js'
import { pause } from './turns.js'

/** How much a node keeps and sends. */
export interface ContextBounds {
  /** Bytes of envelopes kept for others. */
  readonly quota: number
  /** Bytes that may be sent within an hour; no bound if not given. */
  readonly bytesPerHour?: number | undefined
}

/** The context of a node whose store is not read yet. Nothing is called before this has returned. */
export function createContext(parts: ContextParts & ContextBounds, calls: NodeCalls): Context {
  const { clock, store, tables } = parts
  const onFailure: Context['onFailure'] = (what, error) => {
    noteFailure(context, what, error)
  }
  const failureOf = (what: string) => (error: unknown) => {
    onFailure(what, error)
  }
  const budget = new Budget({ ...parts, onFailure: failureOf('budget') })
  const queue = new ContactQueue({
    store,
    tables,
    seal: (unit, outgoing) => sealOutgoing(context, unit, outgoing),
    onChange: (id, before, after) => {
      follow(context, id, before, after)
    },
    turnEnd: () => pause(clock),
    onCommitFailed: failureOf('commit'),
    onEffectFailed: failureOf('effect')
  })
  const mailbox = createMailbox(
    {
      ...parts,
      onFailure: failureOf('mailbox'),
      onStored: () => {
        setStorage(context, 'ok')
      }
    },
    (held) => {
      markHeld(context, held)
    }
  )
  const sealing = new Sealing({ outbox: mailbox.outbox, queue, onFailure }, (unit) =>
    sealWaiting(context, unit)
  )
  const context: Context = {
    ...parts,
    ...calls,
    ...mailbox,
    budget,
    network: meteredNetwork(parts.network, budget),
    queue,
    tags: new TagIndex((run) => {
      calls.expect(run)
    }),
    seen: new Seen(),
    reconciled: new Map(),
    recent: new RecentMessages(),
    events: new Events(),
    tail: new Tail(),
    conversations: new Map(),
    invites: new Map(),
    ownId: identityId(parts.own.record.identity.signing.publicKey),
    profile: new OwnProfile(parts),
    state: {
      started: false,
      closed: false,
      storage: 'ok',
      resting: false,
      linked: new Set(),
      contactPeers: new Set()
    },
    onFailure,
    sealSoon: (contactId) => {
      sealing.soon(contactId)
    }
  }
  return context
}

/** A contact's state was committed: what is kept in memory beside it follows. */
function follow(
  context: Context,
  id: IdentityId,
  before: PeerState | undefined,
  after: PeerState | undefined
): void {
  context.tags.update(id, before?.sessions ?? [], after?.sessions ?? [])
  context.stir()
  if (before === undefined) {
    if (after !== undefined) context.conversations.set(after.conversation.id, id)
  } else if (after !== undefined) {
    emitSession(context, before, after)
    if (isMoreWelcome(before, after)) context.lookThrough(id)
    if (leavesKeys(before, after))
      pruneOrphans(context, id).catch((error: unknown) => {
        context.onFailure('prune', error)
      })
  }
  setStorage(context, 'ok')
}

function noteFailure(context: Context, what: string, error: unknown): void {
  context.logger.warn('something failed and will be tried again', {
    what,
    reason: error instanceof Error ? error.message : 'unknown'
  })
  if (isMessengerError(error, 'STORE_FULL')) {
    setStorage(context, 'full')
    context.mailbox.relieve()
  } else if (isMessengerError(error, 'STORE_FAILED')) setStorage(context, 'failed')
}

function setStorage({ state, events }: Context, storage: Context['state']['storage']): void {
  if (state.storage === storage) return
  state.storage = storage
  events.emit('storage:update', { storage })
}

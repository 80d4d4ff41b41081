import type { NetworkPeer } from '../network/network.js'
import { peerOf } from './contacts/told-addresses.js'
import type { Context } from './context.js'
import type { MessengerStatus, PeerStatus } from './messenger.js'
import { listeners, loadMessage } from './status.js'

/** What an operator asks first. */
export async function messengerStatus(context: Context): Promise<MessengerStatus> {
  const { network, state, outbox, queue } = context
  const lan = network.lanStatus?.()
  const renewal = context.own.continuity.renewals.at(-1)
  const oldest = await oldestWaiting(context)
  return {
    started: state.started,
    networkName: context.networkName,
    addresses: network.addresses(),
    peers: network.peers().map((peer) => peerStatus(context, peer)),
    ...(lan === undefined ? {} : { lan }),
    outbox: {
      messages: [...outbox.all()].flatMap(({ positions }) => positions).filter((position) => position !== '')
        .length,
      ...(oldest === undefined ? {} : { oldest })
    },
    mailbox: context.mailbox.status(),
    budget: context.budget.status(listeners(context)),
    resting: state.resting,
    contacts: queue.states.size,
    storage: state.storage,
    ...(renewal === undefined ? {} : { renewal }),
    contested: context.own.continuity.contested
  }
}

function peerStatus(context: Context, peer: NetworkPeer): PeerStatus {
  const contact = [...context.queue.states.values()].find((state) =>
    state.contact.addresses.some((address) => peerOf(address) === peer.peer)
  )
  const reconciledAt = context.reconciled.get(peer.peer)?.at
  return {
    peer: peer.peer,
    address: peer.address,
    direction: peer.direction,
    since: peer.since,
    takesPart: peer.topics.includes(context.topic),
    ...(peer.roundTrip === undefined ? {} : { roundTrip: peer.roundTrip }),
    ...(reconciledAt === undefined ? {} : { reconciledAt }),
    ...(contact === undefined ? {} : { contactId: contact.contact.id })
  }
}

/** When the oldest message that waits for its receipt was written. */
async function oldestWaiting(context: Context): Promise<number | undefined> {
  let oldest: number | undefined
  for (const [id, state] of context.queue.states) {
    const positions = [...context.outbox.of(id).values()].flatMap((entry) => entry.positions)
    const first = positions.find((position) => position !== '')
    const message = first === undefined ? undefined : await loadMessage(context, state, first)
    if (message !== undefined && message.storedAt < (oldest ?? Infinity)) oldest = message.storedAt
  }
  return oldest
}

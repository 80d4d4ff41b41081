import type { IdentityId } from '../codec/ids.js'
import type { NetworkHandlers, Verdict } from '../network/network.js'
import { inspectParcel } from '../protocol/envelope/inspect.js'
import { BUNDLE_PROTOCOL } from '../protocol/prekeys/bundle-request.js'
import { emitContact } from './announce.js'
import type { Carrying } from './carry/carrying.js'
import type { Context } from './context.js'
import type { BundleExchange } from './contacts/exchange-bundles.js'
import type { Greetings } from './contacts/greetings.js'
import type { Inbound } from './receive/inbound.js'
import type { Receipts } from './receive/receipts.js'
import { reachableContacts } from './status.js'

/** The parts of a node that the network's calls go to. */
interface HandlerParts {
  readonly inbound: Inbound
  readonly receipts: Receipts
  readonly bundles: BundleExchange
  readonly greetings: Greetings
  readonly carrying: Carrying
}

/** What the network calls. */
export function networkHandlers(context: Context, parts: HandlerParts): NetworkHandlers {
  const { inbound, receipts, bundles, greetings, carrying } = parts
  return {
    inspect: (_topic, parcel) => inspect(context, parcel),
    onParcel: (_topic, parcel, from) => {
      if (context.state.started) inbound.receive(parcel, from)
    },
    onPeers: () => {
      onPeers(context, parts)
    },
    onJoin: (_topic, peer) => {
      carrying.joined(peer)
      context.outbox.joined(context.clock.now())
      receipts.restore()
      greetings.greetAll()
      context.flush()
    },
    onRequest: async (protocol, request, from) =>
      protocol === BUNDLE_PROTOCOL
        ? await bundles.answer(request, from)
        : carrying.answer(protocol, request, from),
    onStream: (protocol, stream) => {
      carrying.take(protocol, stream)
    }
  }
}

function inspect({ clock, state }: Context, parcel: Uint8Array): Verdict {
  const inspected = inspectParcel(parcel, clock.now())
  if (inspected.kind === 'inspected') return state.resting ? 'keep' : 'accept'
  return inspected.reason === 'malformed' ? 'reject' : 'ignore'
}

function onPeers(context: Context, { bundles, carrying }: HandlerParts): void {
  const { network, state } = context
  const wereReachable = reachableContacts(context)
  state.linked = new Set(network.peers().map(({ peer }) => peer))
  bundles.onPeers()
  carrying.onPeers()
  announcePeers(context, wereReachable)
}

/** Tell the app how many are linked now, and who became reachable or is so no more. */
export function announcePeers(context: Context, wereReachable: ReadonlySet<IdentityId>): void {
  const { state, events, queue } = context
  if (events.hears('peer:update')) events.emit('peer:update', { peers: state.linked.size })
  if (!events.hears('contact:update')) return
  const areReachable = reachableContacts(context)
  for (const id of queue.states.keys()) {
    if (areReachable.has(id) !== wereReachable.has(id)) emitContact(context, id)
  }
}

import type { Context } from '../context.js'
import { peerOf } from './told-addresses.js'

/** Tell the network which links to keep up, and note which peers are nodes of contacts: a stranger names none, and does not decide whom we dial. */
export function keepLinks({ queue, network, state }: Pick<Context, 'queue' | 'network' | 'state'>): void {
  const trusted = [...queue.states.values()]
    .map(({ contact }) => contact)
    .filter(({ accepted, blocked, addresses }) => accepted && !blocked && addresses.length > 0)
  state.contactPeers = new Set(trusted.flatMap(({ addresses }) => addresses.map(peerOf)))
  network.keep(trusted.map(({ id, addresses }) => ({ id, addresses })))
}

import type { Libp2p } from '@libp2p/interface'
import { member } from '../../../codec/member.js'

/**
 * Stop a libp2p node, and the timers that libp2p 3.3 and gossipsub 17 leave behind, for each of which a process lives on a second: the address manager
 * waits before it writes its addresses down, also after it was stopped, and gossipsub forgets when its heart beats next. Delete what they cancel
 * themselves by then.
 */
export async function stopNode(node: Libp2p): Promise<void> {
  // Another one takes its place when gossipsub stops.
  const beating = member(member(member(node, 'services'), 'pubsub'), 'status')
  await node.stop()
  const debounced = member(member(member(node, 'components'), 'addressManager'), '_updatePeerStoreAddresses')
  const stop = member(debounced, 'stop')
  if (typeof stop === 'function') Reflect.apply(stop, debounced, [])
  Reflect.apply(clearTimeout, undefined, [member(beating, 'heartbeatTimeout')])
}

import type { Libp2p } from '@libp2p/interface'

/**
 * Stop a libp2p node, and the timer that libp2p 3.3 leaves behind: its address manager waits a second before it writes its addresses down,
 * also after it was stopped, and a process lives on for that second. Delete the second half when libp2p cancels it itself.
 */
export async function stopNode(node: Libp2p): Promise<void> {
  await node.stop()
  const debounced = member(member(member(node, 'components'), 'addressManager'), '_updatePeerStoreAddresses')
  const stop = member(debounced, 'stop')
  if (typeof stop === 'function') Reflect.apply(stop, debounced, [])
}

function member(value: unknown, name: string): unknown {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject ? Reflect.get(value, name) : undefined
}

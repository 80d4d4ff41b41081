import type { MessengerStatus } from '../../library.js'
import { countText } from '../count-text.js'
import { isLoopback } from '../loopback.js'
import { sanitiseLine } from '../sanitise.js'
import type { Finding } from './finding.js'

/** What a started node says of the network around it. */
export function lookAtNetwork({ addresses, lan, peers }: MessengerStatus): Finding[] {
  return [
    listening(addresses),
    ...(lan === undefined ? [notSearched()] : [interfaces(lan), multicast(lan)]),
    company(peers, lan)
  ]
}

type Lan = NonNullable<MessengerStatus['lan']>

function listening(addresses: readonly string[]): Finding {
  const what = 'Ports'
  if (addresses.length === 0) {
    const sentence = 'Nobody can link to this device, only this device to others: it listens nowhere.'
    return { what, state: 'warning', sentence }
  }
  const own = addresses.filter((address) => !isRelayed(address))
  const ports = new Set(own.map(portText).filter((port) => port !== undefined))
  const relays = addresses.length - own.length
  const where = [
    ...(ports.size > 0 ? [`here on ${[...ports].join(', ')}`] : []),
    ...(relays > 0 ? [`through ${countText(relays, 'relay')}`] : [])
  ].join(', and ')
  const sentence = addresses.every(leadsBack)
    ? `Others can link to this device as soon as it is on a network, ${where}.`
    : `Others can link to this device, ${where}.`
  return { what, state: 'ok', sentence }
}

/** Whether a multiaddr leads through a relay, whose host and port it names. */
function isRelayed(address: string): boolean {
  return address.includes('/p2p-circuit')
}

/** Whether a multiaddr is one that only this device itself can use. */
function leadsBack(address: string): boolean {
  return isLoopback(address.split('/')[2] ?? '')
}

/** `TCP port 4001` of a multiaddr. */
function portText(address: string): string | undefined {
  const [, port, rest = ''] = /\/tcp\/(\d+)(.*)/.exec(address) ?? []
  if (port === undefined) return undefined
  return `${/^\/wss?\b/.test(rest) ? 'WebSocket' : 'TCP'} port ${port}`
}

function interfaces({ interfaces: all }: Lan): Finding {
  const what = 'Interfaces'
  const outside = all.filter((ip) => !isLoopback(ip))
  if (outside.length > 0)
    return { what, state: 'ok', sentence: `This device is on the networks of ${outside.join(', ')}.` }
  const sentence =
    'This device is on no network: connect a cable, or join a Wi-Fi or a hotspot. Until then messages wait, or travel by file: `hallig export`.'
  return { what, state: 'warning', sentence }
}

function multicast({ interfaces: all, echoed, lastError }: Lan): Finding {
  const what = 'Multicast'
  const silent = all.filter((ip) => !echoed.includes(ip))
  if (all.length > 0 && silent.length === 0) {
    const sentence = all.every(isLoopback)
      ? 'Programs on this device find each other by themselves; look again when it is on a network.'
      : 'Nodes on the same network can find each other by themselves.'
    return { what, state: 'ok', sentence }
  }
  const reason = lastError === undefined ? '' : ` (${sanitiseLine(lastError)})`
  const where = silent.length === 0 ? 'this device' : silent.join(', ')
  const sentence = `Calls for other nodes do not come through on ${where}${reason}. A firewall? Allow UDP port 42553, or link by address: \`hallig dial\`.`
  return { what, state: 'warning', sentence }
}

function notSearched(): Finding {
  const sentence = 'Nobody is looked for on the local network, as --no-lan or `hallig init` said.'
  return { what: 'Multicast', state: 'warning', sentence }
}

function company(peers: MessengerStatus['peers'], lan: Lan | undefined): Finding {
  const what = 'Others'
  if (peers.length > 0)
    return { what, state: 'ok', sentence: `${countText(peers.length, 'other node')} answered here and now.` }
  const heard = lan?.sightings ?? 0
  if (heard === 0)
    return {
      what,
      state: 'ok',
      sentence: 'No other node was heard in these seconds; that may be as it should be.'
    }
  const sentence = `${countText(heard, 'other node')} can be heard but not linked to: a firewall, or a Wi-Fi that keeps its guests apart.`
  return { what, state: 'warning', sentence }
}

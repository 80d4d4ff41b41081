import { Reader } from '../../../codec/reader.js'
import { Writer } from '../../../codec/writer.js'
import type { ListenPorts } from './lan.js'

const MAGIC = 0x48_4c_47_42
const BEACON_VERSION = 1
export const NETWORK_TAG_BYTES = 8
export const BEACON_ID_BYTES = 8
/** A beacon is exactly this long. */
export const BEACON_BYTES = 4 + 1 + NETWORK_TAG_BYTES + BEACON_ID_BYTES + 2 + 2

/** What a node shouts on its LAN: which network, a random id that lasts at most a day, and its ports. Nothing that names anybody. */
export interface Beacon extends ListenPorts {
  readonly networkTag: Uint8Array
  readonly id: Uint8Array
}

/** `magic u32 ‖ version u8 ‖ network tag 8 ‖ id 8 ‖ TCP port u16 ‖ WebSocket port u16` */
export function encodeBeacon({ networkTag, id, tcp, ws }: Beacon): Uint8Array {
  return new Writer(BEACON_BYTES)
    .u32(MAGIC)
    .u8(BEACON_VERSION)
    .bytes(networkTag)
    .bytes(id)
    .u16(tcp)
    .u16(ws)
    .finish()
}

/** The beacon in a datagram, or `undefined` if it is something else or of another version. */
export function decodeBeacon(datagram: Uint8Array): Beacon | undefined {
  const reader = new Reader(datagram)
  if (reader.u32() !== MAGIC || reader.u8() !== BEACON_VERSION) return undefined
  const networkTag = reader.bytes(NETWORK_TAG_BYTES)
  const id = reader.bytes(BEACON_ID_BYTES)
  const tcp = reader.u16()
  const ws = reader.u16()
  return reader.finished() ? { networkTag, id, tcp, ws } : undefined
}
